using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Web.Lists;

/// <summary>A page of a list: of operators' and of agents' audit alike.</summary>
/// <param name="Next">The position behind which the next page begins; null: nothing follows. A third value is how many matching rows are still to be left out for an offset.</param>
/// <param name="Matched">Rows that were counted, if not all of them.</param>
internal sealed record ListPage(IReadOnlyList<NamedRow> Rows, IReadOnlyList<object>? Next, long Matched, long? Count, string? CountUnknown)
{
    public const string LookFurther = "Nothing matches among the entries that were looked at, and there are more: go on with next_cursor, or narrow the list by from and to.";
    public const string BehindCursor = "What follows a cursor is not counted; the first page is.";
    public const string NotAllLookedAt = "Not all entries were looked at, so how many match is not known; narrow the list by from and to.";

    /// <param name="from">Where a cursor goes on; null: at the start, or behind the offset.</param>
    /// <param name="countUpTo">Of a page that no cursor goes on to.</param>
    public static async Task<ListPage> Read<T>(
        ListSource<T> source, TenantTables own, IReadOnlyList<Condition> where, ListRequest asked, IReadOnlyList<object>? from, long countUpTo, CancellationToken cancel)
    {
        var (after, skip) = from is [var at, var id, long left] ? (new[] { at, id }, left) : (from, (long)(asked.Offset ?? 0));
        var (room, count) = (Limits.LookedAt, (Counted?)null);
        while (skip > 0)
        {
            var batch = (int)Math.Min(skip, Math.Min(room, Limits.StreamedRows));
            var before = await source.Read(own, where, new(after, batch, Up(), room), cancel);
            count ??= before.Count;
            if (before.To is null && before.Rows.Count < batch) return Of([], null);

            (skip, room, after) = (skip - before.Rows.Count, room - before.Rows.Count, before.To ?? source.Position(before.Rows[^1]));
            if (skip > 0 && (before.To is not null || room == 0)) return Of([], [.. after, skip]);
        }

        var looked = await source.Read(own, where, new(after, asked.Limit + 1, Up(), Math.Max(room, Limits.LookedAtFirst)), cancel); // One more than is shown tells whether something follows.
        count ??= looked.Count;
        return looked.Rows.Count > asked.Limit ? Of([.. looked.Rows.Take(asked.Limit)], source.Position(looked.Rows[asked.Limit - 1])) : Of(looked.Rows, looked.To);

        long Up() => count is null && from is null ? countUpTo : 0;

        ListPage Of(IReadOnlyList<NamedRow> rows, IReadOnlyList<object>? next)
        {
            var (matched, isAll) = (count!.Value.Number, count.Value.IsAll);
            var unknown = from is not null ? BehindCursor : !isAll ? NotAllLookedAt : matched >= countUpTo ? Total.TooMany : null;
            return new(rows, next, matched, unknown is null ? matched : null, unknown);
        }
    }
}
