using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Admin;

/// <summary>What operators' lists share.</summary>
internal static class AdminFlow
{
    public static readonly IReadOnlyList<string> Mutation = [Codes.NotFound, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    /// <summary>Body of an act that says why.</summary>
    public static JsonObject ReasonSchema => BodySchemas.Closed(["reason"], new() { ["reason"] = BodySchemas.Text(Limits.ReasonLength) });

    /// <summary>One page of a query table; the lists are read from tables only, and may be a moment behind.</summary>
    public static async Task<Reply> Listed<T>(
        OperatorCall call,
        TableReader tables,
        Table table,
        string orderBy,
        Func<NamedRow, T> item,
        Func<IReadOnlyList<T>, long, Page, object> data,
        params IReadOnlyList<Agora.Journal.Condition> where)
    {
        var page = call.Query.Page();
        call.Query.Finish();
        if (call.Findings.Refusal is not null)
        {
            return Reply.Invalid(call.Findings);
        }

        var (rows, total) = await tables.Page(table, page, [new(orderBy)], call.Http.RequestAborted, where);
        return Reply.Ok(data([.. rows.Select(item)], total, page));
    }
}
