using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Admin;

/// <summary>What operators' lists share.</summary>
internal static class AdminFlow
{
    public static readonly IReadOnlyList<string> Mutation = [Codes.NotFound, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    /// <summary>Of what can be edited.</summary>
    public static readonly IReadOnlyList<string> Edit = [.. Mutation, Codes.PreconditionFailed];

    /// <summary>Of an act that says why.</summary>
    public static string Reason(Call call) => call.Body.Text("reason", "Why, for whoever looks at it later.", Limits.ReasonLength) ?? "";

    /// <summary>One page of a query table; the lists are read from tables only, and may be a moment behind.</summary>
    public static async Task<Reply> Listed<T>(
        OperatorCall call,
        Page page,
        TableReader tables,
        Table table,
        string orderBy,
        Func<NamedRow, T> item,
        Func<IReadOnlyList<T>, Total, object> data,
        params IReadOnlyList<Agora.Journal.Condition> where)
    {
        var (rows, total) = await tables.In(call.Tenant).Page(table, page, [new(orderBy)], call.Cancel, where);
        return Reply.Ok(data([.. rows.Select(item)], total));
    }
}
