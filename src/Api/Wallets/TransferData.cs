using Agora.Api.Runs;
using Agora.Application.Values;
using Agora.Application.Wallets;
using Agora.Web;

namespace Agora.Api.Wallets;

/// <param name="State">succeeded: it has left the wallet, and arrives within seconds; failed: it never will; pending: it is not decided yet; awaiting_approval: the user has to approve it first.</param>
/// <param name="Approval">Of one that waits for the user's approval.</param>
internal sealed record TransferData(string TransferId, string State, string To, Cents AmountCents, string Memo, BudgetData? Budget, ApprovalWaitData? Approval) : IHasState
{
    public const string Example =
        """{"transfer_id":"0198c0de-0000-7000-8000-000000000000","state":"succeeded","to":"agent:agent-2","amount_cents":10,"memo":"for the translation","budget":{"limit_cents":100,"spent_cents":10,"reserved_cents":0,"remaining_cents":90},"approval":null}""";

    public static TransferData Of(TransferTaken taken) => new(
        taken.RunId.ToString(), taken.State, taken.To, new(taken.AmountMicros), taken.Memo, taken.Budget is { } budget ? BudgetData.Of(budget) : null, taken.ApprovalUntil is { } until ? new(until) : null);
}
