using System.Globalization;

namespace Agora.Grains.Conversations;

/// <param name="Next">Where to go on.</param>
public sealed record EntryPage(IReadOnlyList<Entry> Entries, EntryPlace Next);

/// <summary>A place in a conversation's stream, as a cursor that sorts as the entries do.</summary>
/// <param name="Seq">Of the row.</param>
/// <param name="Index">So many of its entries stand before.</param>
public readonly record struct EntryPlace(long Seq, int Index)
{
    public static readonly EntryPlace Start = new(0, 0);

    private const int Length = 23;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seq:D16}.{Index:D6}");

    /// <returns>Null: it is no such cursor.</returns>
    public static EntryPlace? Read(string? cursor) => cursor is null ? Start
        : cursor.Length == Length && cursor[16] == '.' && long.TryParse(cursor.AsSpan(0, 16), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && int.TryParse(cursor.AsSpan(17), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new(seq, index) : null;
}
