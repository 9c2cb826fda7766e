using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Web.Lists;

/// <summary>
/// Operators' lists. A page goes on from a cursor; as CSV or NDJSON the whole list is sent, page by page as it is read, so neither holds a snapshot or more than a
/// page in memory, and no page looks at more rows than its bound. Whatever comes meanwhile is newer than where the reader stands: what was there is met once.
/// </summary>
internal sealed class OperatorLists(TableReader tables, ListCursors cursors, EmptyLists empty, WholeLists whole)
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

        var page = await ListPage.Read(source, own, where, asked, after, CountUpTo(asked), call.Cancel);
        var next = page.Next is { } position ? cursors.Mint(list, position) : null;
        return Reply.Ok(data(await source.Items(own, page.Rows, call.Cancel)) with
        {
            TotalCount = page.Count,
            TotalCountUnknown = call.Said(page.CountUnknown),
            Limit = asked.Limit,
            HasMore = next is not null,
            NextCursor = next,
            EmptyBecause = page.Rows.Count == 0 ? call.Said(await empty.Because(call, asked, page, source.Nothing)) : null,
        }) with { NextCursor = next };
    }

    private static Rejection Whole(string paging) => Findings.Invalid(paging, "not", "As CSV or NDJSON all items are sent and nothing else, not a page of them. Narrow the list with filters.");

    /// <summary>By offset a list is counted as far as a page looks; without one as far as that takes no time.</summary>
    private static long CountUpTo(ListRequest asked) => (asked.Offset is null ? Limits.Counted : Limits.LookedAt) + 1L;

    /// <summary>The first page is read before the reply begins: a store that is away is still said in a status.</summary>
    private async Task<Reply> Streamed<T>(OperatorCall call, TenantTables own, ListSource<T> source, IReadOnlyList<Condition> where)
    {
        if (whole.Refusal(call) is { } crowded) return Reply.Refused(crowded);

        var first = await Read(null);
        return call.ListForm is ListForm.Csv
            ? Reply.Streamed(Csv.ContentType, Parts(CsvColumns<T>.Header, CsvColumns<T>.Rows))
            : Reply.Streamed(NdJson.ContentType, Parts("", NdJson.Lines));

        Task<Looked> Read(IReadOnlyList<object>? after) => source.Read(own, where, new(after, Limits.StreamedRows, CountUpTo: 0, Limits.LookedAt), call.Cancel);

        async IAsyncEnumerable<string> Parts(string header, Func<IReadOnlyList<T>, string> text)
        {
            yield return header;
            for (var looked = first; ;)
            {
                yield return text(await source.Items(own, looked.Rows, call.Cancel));
                var next = looked.Rows.Count == Limits.StreamedRows ? source.Position(looked.Rows[^1]) : looked.To;
                if (next is null) yield break;

                looked = await Read(next);
            }
        }
    }
}
