using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Runs;
using Agora.Api.Sessions;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Wallets;

namespace Agora.Api.Wallets;

/// <summary>What an agent has earned and spent: its own wallet, whomever it acts for; in a sub-session, that of the agent which authenticated.</summary>
internal sealed class WalletEndpoints(IEntities entities, IJournalReader journal, TableReader tables, IPersonalTexts texts, Guide guide, RunWaiter waiter)
{
    public static readonly Operation Get = new("get_wallet", "GET", "/agent/wallet", "The agent's own wallet as it is now", typeof(WalletData))
    {
        DataExample = WalletData.Example,
    };

    public static readonly Operation Entries = new("wallet_statement", "GET", "/agent/wallet/statement", "What came into the agent's wallet and went out of it, newest first; Accept: text/csv gives CSV", typeof(StatementData))
    {
        Query = StatementFilter.Parameters,
        DataExample = StatementData.Example,
    };

    public static readonly Operation Transfer = new("transfer", "POST", "/agent/wallet/transfer", "Pay another wallet out of the agent's own, within the session's limits", typeof(TransferData))
    {
        Body = Takes.Members,
        RequiresKey = true,
        BodySchema = TransferRequest.Schema,
        Codes = [Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.BudgetExceeded, Codes.PaymentRequired, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"to":"agent:agent-2","amount_cents":10,"memo":"for the translation"}""",
        DataExample = TransferData.Example,
    };

    public async Task<Reply> TransferMoney(AgentCall call)
    {
        var request = TransferRequest.Read(call.Body);
        var known = request.To is { } to && call.Findings.Malformed is null
            && await journal.IsKnown(StreamId.Wallet(to), call.Http.RequestAborted)
            && (await entities.Wallet(to).Send(new WalletCommand.Get(), call.Fresh())).Reply is WalletView { Exists: true };
        var memo = await call.User() is { } user ? await texts.Seal(user, request.Memo, call.Http.RequestAborted) : "";
        var answer = await waiter.Wait(call, new SessionCommand.Transfer(call.Info, request.To ?? "", request.AmountMicros, memo ?? "", known));
        return answer switch
        {
            null => RunEndpoints.UnderWay(new TransferData(call.Context.CommandId.ToString(), "pending", request.To!, new(request.AmountMicros), request.Memo, null, null), call.Context.CommandId) with { NextActions = [Actions.GetWallet] },
            { Rejection: { } rejection } => await guide.Refuse(call, rejection) with { Replayed = answer.Replayed },
            { Reply: SessionView session } => await Settled(call, request, session),
            { Reply: RunView { State: RunState.AwaitingApproval } waits } => await Told(call, request, waits, data => RunEndpoints.Waits(data, waits.RunId), [Actions.GetRun(waits.RunId)]),
            _ => await Told(call, request, (RunView)answer.Reply!, Reply.Ok, [Actions.GetWallet, Actions.FlowStatus]) with { Replayed = answer.Replayed },
        };
    }

    public Task<Reply> GetWallet(AgentCall call)
    {
        call.Query.Finish();
        return guide.Visit(call, async flow =>
        {
            var answer = await entities.Wallet(WalletIds.Agent(flow.Session.Grantee)).Send(new WalletCommand.Get(), call.Fresh());
            return Reply.Ok(WalletData.Of((WalletView)answer.Reply!)) with { NextActions = (await guide.Advance(flow)).Actions };
        });
    }

    public Task<Reply> WalletStatement(AgentCall call)
    {
        var filter = StatementFilter.Read(call.Query);
        return guide.Visit(call, async flow =>
            await Statement.Page(tables, texts, call.Http, WalletIds.Agent(flow.Session.Grantee), filter, flow.Session.UserId) with { NextActions = (await guide.Advance(flow)).Actions });
    }

    private async Task<Reply> Told(AgentCall call, TransferRequest request, RunView run, Func<object, Reply> reply, IReadOnlyList<NextAction> actions) =>
        reply(Data(request, run.RunId, RunSummaryData.StateName(run.State), run.Budget, ApprovalWaitData.Of(run))) with { Allowance = Allowance.Of(run) ?? await guide.Allowance(call), NextActions = actions };

    /// <summary>One that had to wait for approval and was decided so long ago that only the table of runs tells.</summary>
    private async Task<Reply> Settled(AgentCall call, TransferRequest request, SessionView session)
    {
        var runId = call.Context.CommandId;
        var row = await tables.One(SessionTables.Runs, call.Http.RequestAborted, TableReader.Is("run_id", runId.ToString("D")), TableReader.Is("session_id", session.SessionId));
        return Reply.Ok(Data(request, runId, row?.Text("state") ?? "pending", session.Budget, null)) with { Allowance = await guide.Allowance(call), NextActions = [Actions.GetWallet], Replayed = true };
    }

    private static TransferData Data(TransferRequest request, Guid runId, string state, Budget budget, ApprovalWaitData? approval) =>
        new(runId.ToString(), state, request.To!, new(request.AmountMicros), request.Memo, BudgetData.Of(budget), approval);
}
