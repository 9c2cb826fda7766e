using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Runs;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Wallets;

namespace Agora.Api.Wallets;

/// <summary>What an agent has earned and spent: its own wallet, whomever it acts for; in a sub-session, that of the agent which authenticated.</summary>
internal sealed class WalletEndpoints(IEntities entities, PayableWallets payable, TableReader tables, IPersonalTexts texts, Guide guide, RunWaiter waiter, SessionRuns runs) : IFeature
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

    private async Task<Reply> TransferMoney(AgentCall call, TransferRequest request)
    {
        var known = request.To is { } to && call.Findings.Malformed is null && await payable.Has(call, to);
        var memo = await call.User() is { } user ? await texts.Seal(call.Tenant, user, request.Memo, call.Cancel) : "";
        var answer = await waiter.Wait(call, new RunCommand.Transfer(call.Info, request.To ?? "", request.AmountMicros, memo ?? "", known));
        return answer switch
        {
            null => RunEndpoints.UnderWay(new TransferData(call.Context.CommandId.ToString(), "pending", request.To!, new(request.AmountMicros), request.Memo, null, null), call.Context.CommandId) with { NextActions = [Actions.GetRun(call.Context.CommandId), Actions.GetWallet] },
            { Rejection: { } rejection } => await guide.Refuse(call, rejection) with { Replayed = answer.Replayed },
            { Reply: SessionView session } => await Concluded(call, request, session, memo),
            { Replayed: true, Reply: RunView { State: RunState.Succeeded } run } => await Again(call, request, run.Budget, memo, "succeeded"),
            { Reply: RunView { State: RunState.AwaitingApproval } waits } => await Told(call, request, waits, data => RunEndpoints.Waits(data, waits.RunId), [Actions.GetRun(waits.RunId)]),
            _ => await Told(call, request, answer.As<RunView>(), Reply.Ok, [Actions.GetWallet, Actions.FlowStatus]),
        };
    }

    private Task<Reply> GetWallet(AgentCall call, NoFields _) => guide.Visit(call, async flow =>
    {
        var answer = await entities.In(call.Tenant).Wallet(WalletIds.Agent(flow.Session.Grantee)).Ask(new WalletCommand.Get(), call.Fresh());
        return Reply.Ok(WalletData.Of(answer.Reply!)) with { NextActions = [Actions.FlowStatus] };
    });

    private Task<Reply> WalletStatement(AgentCall call, StatementFilter filter) => guide.Visit(call, async flow =>
        await Statement.Page(tables.In(call.Tenant), texts, call.Tenant, call, WalletIds.Agent(flow.Session.Grantee), filter, flow.Session.UserId) with { NextActions = [Actions.FlowStatus] });

    private async Task<Reply> Told(AgentCall call, TransferRequest request, RunView run, Func<object, Reply> reply, IReadOnlyList<NextAction> actions) =>
        reply(Data(request, run.RunId, RunSummaryData.StateName(run.State), run.Budget, ApprovalWaitData.Of(run))) with { Allowance = Allowance.Of(run) ?? await guide.Allowance(call), NextActions = actions };

    /// <summary>One that had to wait for approval and was decided so long ago that only the table of runs tells.</summary>
    private async Task<Reply> Concluded(AgentCall call, TransferRequest request, SessionView session, string? memo) =>
        await runs.Refusal(call, session, call.Context.CommandId) is { } nothing ? await guide.Refuse(call, nothing) with { Replayed = true } : await Again(call, request, session.Budget, memo, "pending");

    /// <summary>What was paid, by its row. The request's own words prove nothing where the user's erasure destroyed the codes of bodies: another payee or amount is a conflict, and the memo is gone.</summary>
    /// <param name="memo">The request's, sealed: after the erasure it opens no more.</param>
    /// <param name="state">Where there is no row yet.</param>
    private async Task<Reply> Again(AgentCall call, TransferRequest request, Budget budget, string? memo, string state)
    {
        var runId = call.Context.CommandId;
        var row = await tables.In(call.Tenant).One(RunTables.Runs, call.Cancel, TableReader.Is("run_id", runId.ToString("D")), TableReader.Is("session_id", call.SessionId));
        if (row is { } paid && !IsOf(paid, request)) throw new OtherCommandException();

        var said = request with { Memo = await texts.Open(call.Tenant, memo, call.Cancel) ?? "" };
        return Reply.Ok(Data(said, runId, row?.Text("state") ?? state, budget, null)) with { Allowance = await guide.Allowance(call), NextActions = [Actions.GetWallet, Actions.FlowStatus], Replayed = true };
    }

    private static bool IsOf(NamedRow run, TransferRequest request) =>
        run.Text("service_id").Length == 0 && run.Text("provider") == request.To && run.Number("amount_micros") == request.AmountMicros;

    private static TransferData Data(TransferRequest request, Guid runId, string state, Budget budget, ApprovalWaitData? approval) =>
        new(runId.ToString(), state, request.To!, new(request.AmountMicros), request.Memo, BudgetData.Of(budget), approval);
}
