using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Runs;
using Agora.Api.Sessions;
using Agora.Core.Kernel;

namespace Agora.Api.Wallets;

/// <summary>Body of POST /agent/wallet/transfer.</summary>
internal sealed record TransferRequest(string? To, long AmountMicros, string Memo)
{
    public static JsonObject Schema => BodySchemas.Closed(["to", "amount_cents"], new()
    {
        ["to"] = BodySchemas.Id("The wallet that is paid; agent:{agent_id} is an agent's."),
        ["amount_cents"] = BodySchemas.Cents("More than 0."),
        ["memo"] = BodySchemas.Text(Limits.ReasonLength, minLength: 0),
    });

    public static TransferRequest Read(Fields body)
    {
        var request = new TransferRequest(body.Id("to"), body.Cents("amount_cents") ?? 0, body.Text("memo", Limits.ReasonLength, required: false, blank: true) ?? "");
        body.Finish();
        return request;
    }
}

/// <param name="State">succeeded: it has left the wallet, and arrives within seconds; failed: it never will; pending: it is not decided yet; awaiting_approval: the user has to approve it first.</param>
/// <param name="Approval">Of one that waits for the user's approval.</param>
internal sealed record TransferData(string TransferId, string State, string To, Cents AmountCents, string Memo, BudgetData? Budget, ApprovalWaitData? Approval)
{
    public const string Example =
        """{"transfer_id":"0198c0de-0000-7000-8000-000000000000","state":"succeeded","to":"agent:agent-2","amount_cents":10,"memo":"for the translation","budget":{"limit_cents":100,"spent_cents":10,"reserved_cents":0,"remaining_cents":90},"approval":null}""";
}
