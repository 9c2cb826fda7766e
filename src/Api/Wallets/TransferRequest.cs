using Agora.Api.Http;
using Agora.Api.Runs;
using Agora.Core.Kernel;

namespace Agora.Api.Wallets;

/// <summary>A payment to another wallet.</summary>
internal sealed record TransferRequest(string? To, long AmountMicros, string Memo)
{
    private const string AmountMeaning = "More than 0.";

    public static TransferRequest Read(Call call)
    {
        call.Body.Rule(static schema => schema["properties"]!["amount_cents"] = Schemas.Meaning(Schemas.Amount, AmountMeaning)); // the session refuses 0, after what the transfer is about
        return new(
            call.Body.WalletId("to", "The wallet that is paid; agent:{agent_id} is an agent's."),
            call.Body.Cents("amount_cents", AmountMeaning) ?? 0,
            call.Body.Text("memo", "What for, as payer and payee see it.", Limits.ReasonLength, required: false, blank: true) ?? "");
    }
}

/// <param name="State">succeeded: it has left the wallet, and arrives within seconds; failed: it never will; pending: it is not decided yet; awaiting_approval: the user has to approve it first.</param>
/// <param name="Approval">Of one that waits for the user's approval.</param>
internal sealed record TransferData(string TransferId, string State, string To, Cents AmountCents, string Memo, BudgetData? Budget, ApprovalWaitData? Approval) : IHasState
{
    public const string Example =
        """{"transfer_id":"0198c0de-0000-7000-8000-000000000000","state":"succeeded","to":"agent:agent-2","amount_cents":10,"memo":"for the translation","budget":{"limit_cents":100,"spent_cents":10,"reserved_cents":0,"remaining_cents":90},"approval":null}""";
}
