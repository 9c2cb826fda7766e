using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Lists;

/// <summary>
/// Operators' lists. A page goes on from a cursor; as CSV or NDJSON the whole list is sent, page by page as it is read, so neither holds a snapshot or more than a
/// page in memory. Whatever comes meanwhile is newer than where the reader stands: what was there is met once.
/// </summary>
internal sealed class OperatorLists(TableReader tables, ListCursors cursors, EmptyLists empty)
{
    private static readonly Rejection Foreign = Findings.Invalid(
        "cursor", "pattern", "It is no cursor of this list with these filters. Send the filters that it came with, or begin anew without it.");

    public async Task<Reply> Answer<T>(OperatorCall call, Operation operation, ListRequest asked, ListSource<T> source, Func<IReadOnlyList<T>, ListData> data)
    {
        var own = tables.In(call.Tenant);
        IReadOnlyList<Condition> where = [.. source.Always, .. asked.Filters.Where];
        if (call.ListForm is not ListForm.Json)
        {
            return asked.Paging is { } paging ? Reply.Refused(Whole(paging)) : await Streamed(call, own, source, where);
        }

        var list = $"{operation.Name}\n{call.Tenant.Name}\n{asked.Filters.Canonical}";
        var after = asked.Cursor is { } cursor ? cursors.Read(list, cursor) : null;
        if (asked.Cursor is not null && after is null) return Reply.Refused(Foreign);

        // One more than is shown tells whether something follows.
        var (rows, count) = await source.Read(own, where, new(after, asked.Offset ?? 0, asked.Limit + 1, CountUpTo(asked)), call.Cancel);
        var shown = rows.Take(asked.Limit).ToList();
        return Reply.Ok(data(await source.Items(own, shown, call.Cancel)) with
        {
            TotalCount = asked.Cursor is null && count < CountUpTo(asked) ? count : null,
            Limit = asked.Limit,
            NextCursor = rows.Count > shown.Count ? cursors.Mint(list, source.Position(shown[^1])) : null,
            EmptyBecause = shown.Count == 0 ? await empty.Because(call, asked, count, source.Nothing) : null,
        });
    }

    private static Rejection Whole(string paging) => Findings.Invalid(paging, "not", "As CSV or NDJSON all items are sent and nothing else, not a page of them. Narrow the list with filters.");

    /// <summary>An offset counts all, as ever; without one a list is counted as far as that takes no time.</summary>
    private static long CountUpTo(ListRequest asked) => asked.Cursor is not null ? 0 : asked.Offset is not null ? long.MaxValue : Limits.Counted + 1;

    /// <summary>The first page is read before the reply begins: a store that is away is still said in a status.</summary>
    private static async Task<Reply> Streamed<T>(OperatorCall call, TenantTables own, ListSource<T> source, IReadOnlyList<Condition> where)
    {
        var first = await Read(null);
        return call.ListForm is ListForm.Csv
            ? Reply.Streamed(Csv.ContentType, Parts(CsvColumns<T>.Header, CsvColumns<T>.Rows))
            : Reply.Streamed(NdJson.ContentType, Parts("", NdJson.Lines));

        async Task<IReadOnlyList<NamedRow>> Read(IReadOnlyList<object>? after) =>
            (await source.Read(own, where, new(after, 0, Limits.StreamedRows, CountUpTo: 0), call.Cancel)).Rows;

        async IAsyncEnumerable<string> Parts(string header, Func<IReadOnlyList<T>, string> text)
        {
            yield return header;
            for (var rows = first; ; rows = await Read(source.Position(rows[^1])))
            {
                foreach (var some in (await source.Items(own, rows, call.Cancel)).Chunk(Limits.StreamedAtOnce)) yield return text(some);
                if (rows.Count < Limits.StreamedRows) yield break;
            }
        }
    }
}
