using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Application.Wallets;

/// <summary>A payment to another wallet.</summary>
/// <param name="To">The wallet that is paid. Null if the caller named none that can be one.</param>
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

/// <summary>A payment as it stands.</summary>
/// <param name="State">As of <see cref="Runs.RunStates"/>.</param>
/// <param name="IsUnderWay">It has no outcome yet.</param>
/// <param name="ApprovalUntil">When it ends if the user does not approve it. Null if it does not wait for that.</param>
internal sealed record TransferTaken(Guid RunId, string State, string To, long AmountMicros, string Memo, Budget? Budget, bool IsUnderWay = false, DateTimeOffset? ApprovalUntil = null);
