"""What is known of errors beforehand: their classes, messages and words.

A message of Python or of a library is a fixed sentence with holes. Here the sentences
stand, one a line, and what may be said of each hole:

    {name}    a name: told where the model wrote it or it is a column's or a variable's
    {names}   a list of them; {types} a list of types
    {type}    a type, a method, a parameter: told where it is in `VOCABULARY` too
    {op}      an operator, told
    {value}   a value of the data, never told; neither are numbers
"""

from __future__ import annotations

import builtins

__all__ = ["CLASSES", "TEMPLATES", "VOCABULARY"]


def _lines(text: str) -> tuple[str, ...]:
    """The lines that are no comments."""
    return tuple(line for line in text.splitlines() if line and line[0] != "#")


def _words(text: str) -> frozenset[str]:
    return frozenset(" ".join(_lines(text)).split())


CLASSES = frozenset(
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
) | _words("""
# the kernel's own
CellTimeout KernelDied OutputLimit UsageError
# pandas
AbstractMethodError DataError DatabaseError DateParseError DuplicateLabelError
EmptyDataError IntCastingNaNError InvalidComparison InvalidIndexError MergeError
NullFrequencyError NumExprClobberingError OptionError OutOfBoundsDatetime
OutOfBoundsTimedelta ParserError SpecificationError UndefinedVariableError
UnsortedIndexError UnsupportedFunctionCall
# numpy, scipy, statsmodels, scikit-learn, pyarrow, json, re
ArrowInvalid ArrowKeyError ArrowNotImplementedError ArrowTypeError AxisError
DTypePromotionError InvalidOperation JSONDecodeError LinAlgError MissingDataError
NotFittedError PatternError PatsyError PerfectSeparationError StatisticsError
UFuncNoLoopError UFuncTypeError error
# duckdb
BinderException CatalogException ConstraintException ConversionException
InternalException InvalidInputException InvalidTypeException NotImplementedException
OperationalError OutOfRangeException ParserException ProgrammingError SyntaxException
TypeMismatchException
""")
"""Names of exceptions that may be told; others are made by code, out of anything."""

VOCABULARY = _words("""
# dtypes, as Python, pandas, numpy and DuckDB call them
bool boolean bytes category complex128 date datetime datetime64 datetime64[ns]
datetime64[s] datetime64[us] datetime64[ms] dict float float32 float64 Float64 floating
function int int8 int16 int32 int64 Int64 integer interval large_string list mixed
NaTType NAType ndarray NoneType object period set str string StringDtype timedelta
timedelta64 timedelta64[ns] timedelta64[us] tuple type uint8 uint32 uint64 BIGINT
BOOLEAN DATE DECIMAL DOUBLE FLOAT HUGEINT INT32 INT64 INTEGER INTEGER_LITERAL INTERVAL
STRING_LITERAL TIMESTAMP UBIGINT VARCHAR
# what code holds
Axes AxesSubplot Categorical CategoricalDtype DataFrame DataFrameGroupBy DatetimeArray
DatetimeIndex DatetimeProperties Figure Grouper Index Line2D MultiIndex NDFrame Period
PeriodIndex RangeIndex Resampler Rolling Series SeriesGroupBy StringMethods Timedelta
TimedeltaIndex Timestamp builtin_function_or_method generator map method module range
slice
# kinds of functions, frequencies
Aggregate Scalar Table BME BQE BYE D h ME min ms QE s us W YE
# modules
duckdb math matplotlib numpy pandas pyplot re scipy seaborn sklearn statistics stats
statsmodels
# methods, reductions and operations
abs abs_checked add agg all any apply argmax argmin astype count cumsum diff div eq
first floor floordiv ge groupby gt idxmax idxmin join last le len lt max maximum mean
median merge minimum mod mul nlargest nsmallest nunique pow prod quantile rank round
sem size skew std sub sum transform truediv var
# parameters
args ascending axis by columns data errors format freq func how index key keys kwargs
labels level mapper n names normalize on other periods q self subset to_replace value
values x y
""")
"""Words of the libraries, which say nothing of the data."""

TEMPLATES = _lines("""
# names that are not there
name '{name}' is not defined
cannot access local variable '{name}' where it is not associated with a value
cannot access free variable '{name}' where it is not associated with a value
'{type}' object has no attribute '{name}'
type object '{type}' has no attribute '{name}'
module '{type}' has no attribute '{name}'
No module named '{name}'
cannot import name '{name}' from '{type}'
{names} not in index
{names} not found in axis
None of {names} are in the [columns]
None of {names} are in the [index]
None of {names} are in the columns
Label(s) {names} do not exist
Column(s) {names} do not exist
Column not found: {name}
Columns not found: {names}
The following id_vars or value_vars are not present in the DataFrame: {names}
Missing column provided to 'parse_dates': {names}
Requested level ({name}) does not match index name
Level {name} not found
Level {name} must be same as name
The name {name} occurs multiple times, use a level number
Grouper for '{name}' not 1-dimensional
No group keys passed!
'{name}' is both an index level and a column label, which is ambiguous
cannot insert {name}, already exists
'{name}' is not a valid function for '{type}' object
data type '{type}' not understood
Invalid frequency: {name}. Failed to parse with error message: ValueError("{name} \
is no longer supported for offsets. Please use {type} instead
Invalid frequency: {name}
'{name}' is no longer supported for offsets. Please use '{name}' instead
# kinds that do not fit
unsupported operand type(s) for {op}: '{type}' and '{type}'
'{op}' not supported between instances of '{type}' and '{type}'
bad operand type for {op}: '{type}'
bad operand type for {type}(): '{type}'
operation '{type}' not supported for dtype '{type}' with dtype '{type}'
dtype '{type}' does not support operation '{type}'
dtype '{type}' does not support reduction '{type}'
Cannot perform reduction '{type}' with string dtype
agg function failed [how->{type},dtype->{type}]
Invalid comparison between dtype={type} and {type}
Column '{name}' has dtype {type}, cannot use method '{type}' with this dtype
Function '{type}' has no kernel matching input types ({type})
can only concatenate {type} (not "{type}") to {type}
Can only use .str accessor with string values
Can only use .dt accessor with datetimelike values
Can only use .cat accessor with a 'category' dtype
Only valid with DatetimeIndex, TimedeltaIndex or PeriodIndex
cannot do slice indexing on {type} with these indexers
'{type}' object is not callable
'{type}' object is not subscriptable
'{type}' object is not iterable
'{type}' object is not an iterator
'{type}' object does not support item assignment
object of type '{type}' has no len()
cannot unpack non-iterable {type} object
unhashable type: '{type}'
sequence item {value}: expected str instance, {type} found
{type}() missing {value} required positional argument: '{type}'
{type}() missing {value} required positional arguments: {names}
{type}() missing {value} required keyword-only argument: '{type}'
{type}() got an unexpected keyword argument '{name}'
{type}() got multiple values for argument '{name}'
{type}() takes {value} positional arguments but {value} were given
{type}() takes {value} positional argument but {value} were given
{type}() takes no arguments
The truth value of a {type} is ambiguous
The truth value of an array with more than one element is ambiguous
boolean value of NA is ambiguous
Cannot mask with non-boolean array containing NA / NaN values
unsupported format string passed to {type}.__format__
Unknown format code '{name}' for object of type '{type}'
Invalid format specifier '{name}' for object of type '{type}'
Cannot compare tz-naive and tz-aware
Cannot subtract tz-naive and tz-aware datetime-like objects
You are trying to merge on {type} and {type} columns for key '{name}'
No common columns to perform merge on
Merge keys are not unique in {type} dataset
# values that do not fit
could not convert string to float: {value}
invalid literal for int() with base {value}: {value}
Unable to parse string {value} at position {value}
Unknown datetime string format, unable to parse: {value}
time data {value} does not match format '{name}'
time data {value} doesn't match format
unconverted data remains when parsing with format {name}: {value}
unconverted data remains: {value}
month must be in 1..12: {value}
day is out of range for month
Out of bounds nanosecond timestamp: {value}
Cannot convert non-finite values (NA or inf) to integer
cannot convert float NaN to integer
cannot convert float infinity to integer
cannot convert the series to
could not convert {value} to numeric
Could not convert {value} to numeric
Input contains NaN
Input X contains NaN
division by zero
float division by zero
integer division or modulo by zero
math domain error
Singular matrix
# sizes and places that do not fit
index {value} is out of bounds for axis {value} with size
single positional indexer is out-of-bounds
positional indexers are out-of-bounds
iloc cannot enlarge its target object
list index out of range
tuple index out of range
string index out of range
Replacement index {value} out of range for positional args tuple
too many values to unpack
not enough values to unpack
Length of values ({value}) does not match length of index
Length mismatch: Expected axis has
Columns must be same length as key
All arrays must be of the same length
x and y must have same first dimension
x and y must be the same size
shape mismatch: objects cannot be broadcast to a single shape
operands could not be broadcast together with shapes
cannot reshape array of size
Item wrong length
Unalignable boolean Series provided as indexer
cannot reindex on an axis with duplicate labels
Index contains duplicate entries, cannot reshape
Bin edges must be unique
Bin labels must be one fewer than the number of bin edges
bins must increase monotonically
No objects to concatenate
no numeric data to plot
{type}() arg is an empty sequence
{type}() iterable argument is empty
attempt to get {type} of an empty sequence
zero-size array to reduction operation {type} which has no identity
`x` and `y` must have length at least
cannot do a non-empty take from an empty axes
# files
[Errno 2] No such file or directory
[Errno 13] Permission denied
[Errno 30] Read-only file system
# DuckDB
Referenced column "{name}" not found in FROM clause!
Table "{name}" does not have a column named "{name}"
Table with name {name} does not exist!
Referenced table "{name}" not found!
{type} Function with name {name} does not exist!
Ambiguous reference to column name "{name}"
syntax error at or near "{name}"
column "{name}" must appear in the GROUP BY clause or must be part of an aggregate
No function matches the given name and argument types '{type}({types})'
Could not choose a best candidate function for the function call "{type}({types})"
Could not convert string {value} to {type} when casting
Could not convert string {value} to {type}
WHERE clause cannot contain aggregates!
aggregate function calls cannot be nested
""")
"""How messages begin; what follows is not told."""
