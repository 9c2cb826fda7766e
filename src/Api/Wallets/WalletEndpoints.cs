using Agora.Api.Runs;
using Agora.Application.Operations;
using Agora.Application.Wallets;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Wallets;

/// <inheritdoc cref="AgentWallets"/>
internal sealed class WalletEndpoints(AgentWallets wallets) : IFeature
{
    public static readonly Operation<NoFields> Get = new(Audience.Agents, OperationNames.GetWallet, "GET /agent/wallet", "The agent's own wallet as it is now")
    {
        Tool = new("wallet"),
        Advice = "See the agent's own wallet.",
        Read = NoFields.Read,
        Data = typeof(WalletData),
        DataExample = WalletData.Example,
    };

    public static readonly Operation<StatementFilter> Entries = new(Audience.Agents, "wallet_statement", "GET /agent/wallet/statement", "What came into the agent's wallet and went out of it, newest first; Accept: text/csv gives CSV")
    {
        HasCsv = true,
        Read = StatementFilter.Read,
        Data = typeof(StatementData),
        DataExample = StatementData.Example,
    };

    public static readonly Operation<TransferRequest> Transfer = new(Audience.Agents, "transfer", "POST /agent/wallet/transfer", "Pay another wallet out of the agent's own, within the session's limits")
    {
        Tool = new("transfer", IsDestructive: true),
        Read = TransferRequest.Read,
        SubjectFirst = static request => request.To is { Length: > 0 },
        MayGoOn = true,
        Headers = [Preferences.AsyncParameter],
        Data = typeof(TransferData),
        AnswerHeaders = [AnswerHeaders.Warning],
        RequiresKey = true,
        Codes = [Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.BudgetExceeded, Codes.PaymentRequired, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"to":"agent:agent-2","amount_cents":10,"memo":"for the translation"}""",
        DataExample = TransferData.Example,
    };

    public void Map(Routes routes) => routes.Map(Get, GetWallet).Map(Entries, WalletStatement).Map(Transfer, TransferMoney);

    private async Task<Reply> GetWallet(AgentCall call, NoFields _) => (await wallets.Get(call.Caller, call.Cancel)).Reply(static wallet => Reply.Ok(WalletData.Of(wallet)));

    private async Task<Reply> WalletStatement(AgentCall call, StatementFilter filter) => (await wallets.Statement(call.Caller, filter, call.Cancel)).Reply(page => StatementData.Reply(call, page));

    private async Task<Reply> TransferMoney(AgentCall call, TransferRequest request)
    {
        var result = await wallets.Transfer(call.Caller, request, call.Cancel);
        if (result.Continues is { } run)
        {
            call.HoldUntil(run);
        }

        return result.Reply(static taken => taken switch
        {
            { IsUnderWay: false } => Reply.Ok(TransferData.Of(taken)),
            { ApprovalUntil: null } => RunEndpoints.UnderWay(TransferData.Of(taken), taken.RunId),
            _ => RunEndpoints.Waits(TransferData.Of(taken), taken.RunId),
        });
    }
}
