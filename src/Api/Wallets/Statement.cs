using System.Text;
using Agora.Api.Http;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Journal;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Wallets;

/// <summary>Which entries of a wallet are wanted.</summary>
internal sealed record StatementFilter(DateTimeOffset? From, DateTimeOffset? To, Page Page)
{
    public static readonly IReadOnlyList<string> Parameters = ["from", "to", "offset", "limit"];

    public static StatementFilter Read(QueryFields query)
    {
        var filter = new StatementFilter(query.Time("from"), query.Time("to"), query.Page());
        query.Finish();
        return filter;
    }

    public IEnumerable<Condition> Where(string walletId)
    {
        yield return TableReader.Is("wallet_id", walletId);
        if (From is { } from) yield return new("at", Comparison.AtLeast, from.ToMicros());
        if (To is { } to) yield return new("at", Comparison.LessThan, to.ToMicros());
    }
}

/// <summary>A page of a wallet's statement, newest first, as JSON or as CSV.</summary>
internal static class Statement
{
    /// <param name="reader">The user for whom it is read: memos about others are null. Null: an operator reads it.</param>
    public static async Task<Reply> Page(TableReader tables, IPersonalTexts texts, HttpContext http, string walletId, StatementFilter filter, string? reader)
    {
        var (rows, total) = await tables.Page(
            FundTables.Entries, filter.Page, [new("at", Descending: true), new("entry", Descending: true)], http.RequestAborted, filter.Where(walletId));
        var entries = new List<EntryData>();
        foreach (var entry in rows.Select(EntryData.Of)) entries.Add(entry with { Memo = await texts.Open(entry.Memo, http.RequestAborted, reader) });
        return Csv.IsWanted(http.Request)
            ? Reply.Text(Csv.ContentType, Text(entries))
            : Reply.Ok(new StatementData(walletId, entries, total, filter.Page.Offset, filter.Page.Limit)) with { UntrustedFields = ["data.entries[].memo"] };
    }

    private static string Text(List<EntryData> entries)
    {
        var csv = new StringBuilder().Row("entry", "at", "kind", "counterparty", "amount_cents", "balance_cents", "memo", "reference");
        return entries.Aggregate(csv, (text, entry) => text.Row(entry.Cells())).ToString();
    }
}
