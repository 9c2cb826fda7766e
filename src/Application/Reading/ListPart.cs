using Agora.Application.Language;
using Agora.Journal;

namespace Agora.Application.Reading;

/// <summary>Which part of a list is read.</summary>
/// <param name="After">The position behind which it begins; null: at the start.</param>
/// <param name="LookAt">Rows that are looked at, of each table.</param>
internal readonly record struct ListPart(IReadOnlyList<object>? After, int Limit, long CountUpTo, int LookAt);

/// <summary>What was read.</summary>
/// <param name="To">The position of the last row that was looked at, where that was not enough for the part; null: the part is full, or the list ends.</param>
internal readonly record struct Looked(IReadOnlyList<NamedRow> Rows, IReadOnlyList<object>? To, Counted Count);

/// <summary>How many rows a list has in all, or why that is not known.</summary>
internal readonly record struct Total(long? Number)
{
    public const string TooMany = "Too many match to be counted; narrow the list.";

    /// <param name="upTo">So many are not counted further.</param>
    public static Total Of(long count, long upTo) => new(count < upTo ? count : null);

    /// <summary>In the caller's language; null: the number is known.</summary>
    public string? Unknown(Words? words) => Number is null ? words?.Of(TooMany) ?? TooMany : null;
}

/// <param name="IsAll">False: rows were left that were not looked at.</param>
internal readonly record struct Counted(long Number, bool IsAll)
{
    public static Counted Of(TablePage page) => new(page.TotalCount, page.IsCounted);

    public static Counted operator +(Counted one, Counted other) => new(one.Number + other.Number, one.IsAll && other.IsAll);
}
