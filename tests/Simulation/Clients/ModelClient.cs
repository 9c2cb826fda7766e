using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// A process that calls models for agents, as the API does: it asks the session, calls when it may, says that the call goes on, and what was spent. It dies before it has sent anything and after, or says nothing for too long
/// and then speaks; some requests come to another process as well, or again when they are long answered; and it says of calls that are not its own how they ended.
/// </summary>
public sealed partial class ModelClient(Tenant tenant, int number) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 179) + 137 + (1_000_003 * tenant.Number) + (7_919 * number))))
{
    /// <summary>Of each tenant.</summary>
    public const int Processes = 2;

    /// <summary>At once.</summary>
    private const int MostCalls = 6;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>What Task.Delay knows: a wait for less is none, and no time passes by it.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>Whoever said nothing for longer than anybody may, and speaks then.</summary>
    private static readonly TimeSpan SilentAtMost = Limits.ModelLostAfter + TimeSpan.FromSeconds(35);

    private readonly SessionPolicy _policy = new(RateLimitPerMinute: 600, DuplicateWindowSeconds: 2, FeeBasisPoints: tenant.Cluster.Options.FeeBasisPoints);
    private readonly List<string> _sessions = [];
    private readonly List<Task> _calls = [];

    public async Task Live()
    {
        while (await GoesOn(2 * Cluster.Options.Think))
        {
            _sessions.RemoveRange(0, Math.Max(0, _sessions.Count - 4));
            if (_sessions.Count > 0 && Cluster.Options.Chats && Random.Next(2) == 0)
            {
                BeginToSay(Any(_sessions));
                continue;
            }

            await (_sessions.Count == 0 || Random.Next(12) == 0 ? LogIn() : Random.Next(8) == 0 ? Delegate(Any(_sessions)) : Begin(Any(_sessions)));
        }

        await Task.WhenAll(_calls);
    }

    private async Task LogIn()
    {
        var command = new UserCommand.OpenSession(Any(Tenant.Catalogue.Agents), new(null, null, null, null, Models: Allowed()), null, Random.Next(30, 900), Vouched: false, null, null, EndOldest: true);
        Keep(await Ask(Entities.User(Any(Tenant.Catalogue.Users)), command, NewSending(), "Opening a session for models", static _ => null));
    }

    private async Task Delegate(string session) => Keep(await Ask(
        Entities.Session(session), new SessionCommand.Delegate(Info, $"helper-{Random.Next(1, 4)}", new(null, null, null, null, Models: Random.Next(3) == 0 ? new(Tokens: Random.Next(20, 200)) : null), Random.Next(3) == 0 ? null : Random.Next(1, 60) * 10_000, Random.Next(30, 900)), NewSending(), "A delegation for models", static _ => null));

    private ModelAllowance? Allowed() => Random.Next(3) switch { 0 => new(Tokens: Random.Next(100, 400), Calls: Random.Next(4, 12)), 1 => new(TokensPerMinute: Random.Next(100, 200), CallsPerMinute: Random.Next(4, 8)), _ => null };

    private void Keep(Answer? answer)
    {
        if (answer?.Reply is SessionOpened opened)
        {
            _sessions.Add(opened.SessionId);
        }
    }

    private RequestInfo Info => new("call_model", "POST /openai/v1/chat/completions", "call_model", _policy);

    private Task Begin(string session)
    {
        _calls.RemoveAll(static call => call.IsCompletedSuccessfully);
        if (_calls.Count >= MostCalls) return Task.CompletedTask;

        var model = Any(FakeModels.All);
        if (Random.Next(4) == 0)
        {
            model = FakeModels.All[0];
            for (var (times, question) = (Random.Next(1, 4), $"question {Random.Next(Questions)}"); times > 0; times--)
            {
                _calls.Add(AskOnce(session, model, question));
            }

            return Task.CompletedTask;
        }

        var bound = model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, model.Terms.PriceMicros + (Random.Next(20) == 0 ? 10_000 : 0) + 1);
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var request = new Request(session, model, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), sending);
        _calls.Add(Ask(request, bound));
        if (Random.Next(4) == 0)
        {
            _calls.Add(AskAgain(request, bound));
        }

        return Task.CompletedTask;
    }

    private void BeginToSay(string session)
    {
        _calls.RemoveAll(static call => call.IsCompletedSuccessfully);
        if (_calls.Count >= MostCalls) return;

        var model = Any(FakeModels.All);
        _calls.Add(Say(session, model, model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, model.Terms.PriceMicros + 1)));
    }

    /// <summary>The same request comes to another process: at the same time, or when it may be answered already.</summary>
    private async Task AskAgain(Request request, long bound)
    {
        await Pause(Random.Next(2) == 0 ? Soon : TimeSpan.FromSeconds(60));
        await Ask(request, bound);
    }

    /// <returns>What was posted of a call whose cost is known; null: it was not made, or that is not known.</returns>
    private async Task<RunView?> Ask(Request request, long bound, bool asked = false)
    {
        var (runId, caller, tentative) = (request.Sending.CommandId, Cluster.NewId(), Cluster.Options.Tries);
        while (true)
        {
            var command = new RunCommand.RunService(
                Info, request.Model.Terms.ServiceId, request.Model.Terms, new("null"u8.ToArray()), InputHash: "", NamedCampaignId: null, NamedFound: false, request.Model.Charges ? bound : null, request.Candidates, Keyed: true,
                Model: new(caller, bound, 1, 30, 10, request.Model.Charges, Tentative: tentative), Ask: Cluster.Options.Asks && !asked && !tentative);
            var answer = await Ask(Entities.Session(request.Session), command, request.Sending, $"A call of {request.Model.Terms.ServiceId}", static _ => null);
            switch (answer)
            {
                case null:
                    await End(request.Session, runId, caller, Unsent);
                    return null;
                case { Reply: RunView { State: RunState.Pending, Caller: { } permitted } } when permitted == caller:
                    Permitted(request.Session, runId, caller);
                    var under = new Under(request.Session, runId, caller, bound);
                    return await (request.Saying is not null ? SaySomething(under, request) : request.Question is null ? Call(under) : CallOnce(under, request));
                case { Reply: RunView { State: RunState.AwaitingApproval } waits }:
                    Waits(request.Session, request.Sending, waits, $"A wait for {request.Model.Terms.ServiceId}");
                    await Pause(TimeSpan.FromSeconds(Random.Next(1, 60)));
                    return await Ask(request with { Sending = NewSending(), Saying = request.Saying is { } saying ? saying with { Sentiment = null } : null }, bound, asked: true); // another turn
                case { Reply: RunView { State: RunState.Succeeded } view }:
                    Cluster.Acknowledgements.Given(new("A call that was made", runId, Text(answer), Concluded(request.Session, runId, view)));
                    return null;
                case { Rejection: { Code: Codes.SessionExpired or Codes.SessionRevoked or Codes.Unauthorized } }:
                    _sessions.Remove(request.Session);
                    return null;
                case { Rejection.Code: Codes.BudgetExceeded, Replayed: false } when bound > 20_000 && Random.Next(2) == 0:
                    bound /= 2;
                    break;
                case { Rejection.Code: Codes.BudgetExceeded, Replayed: false } when tentative:
                    tentative = false;
                    break;
                default:
                    return null;
            }
        }
    }

    private void Permitted(string session, Guid runId, Guid caller)
    {
        Cluster.Acknowledgements.Given(new("That a model may be called", runId, "pending", history => history.Count<RunEvent.CallBegun>(Stream(Kinds.Session, session), (e, _) => e.RunId == runId)));
        Tenant.ModelCalls.Permitted(runId, caller);
    }

    private async Task<RunView?> Call(Under call)
    {
        await Pause(Random.Next(6) == 0 ? TimeSpan.FromSeconds(30) : Soon);
        switch (Random.Next(12))
        {
            case 0:
                return null; // it dies before it has sent anything
            case 1:
                await End(call.Session, call.RunId, call.Caller, Unsent);
                return null;
        }

        var came = Send(call);
        switch (Random.Next(10))
        {
            case 0:
                return null; // it dies, and what was sent is sent
            case 1:
                await Pause(SilentAtMost);
                break;
            default:
                await GoOn(call, Random.Next(4) == 0 ? TimeSpan.FromSeconds(Random.Next(10, 90)) : Soon * Random.NextDouble());
                break;
        }

        var end = Random.Next(6) == 0 ? Unknown : Known(came);
        var ended = await End(call.Session, call.RunId, call.Caller, end);
        if (ended is not null && Random.Next(3) == 0)
        {
            await EndAgain(call, came);
        }

        return end.Standing == CallStanding.Known ? ended?.Reply as RunView : null;
    }

    private FakeModels.Called Send(Under call)
    {
        Cluster.History.CatchUp();
        var came = FakeModels.Call(call.BoundMicros, Random);
        Tenant.Runs.CalledModel(call.RunId);
        Tenant.ModelCalls.Sends(call.RunId, came);
        Cluster.Tell($"model called for {call.RunId}");
        return came;
    }

    private async Task GoOn(Under call, TimeSpan time)
    {
        for (var until = Cluster.Time.GetUtcNow() + time; !Cluster.Closing && until - Cluster.Time.GetUtcNow() is var left && left >= Least;)
        {
            await Task.Delay(left < Limits.ModelCallTold ? left : Limits.ModelCallTold, Cluster.Time);
            var at = Cluster.Time.GetUtcNow();
            if (await Ask(Entities.Session(call.Session), new RunCommand.CallsGoOn([call.RunId, Tenant.NewId()]), NewSending(), "That calls go on", static _ => null) is not { Reply: CallsKnown { RunIds: var known } })
            {
                continue;
            }

            Cluster.History.CatchUp();
            foreach (var id in known) Tenant.ModelCalls.Heard(id, at);
        }
    }

    /// <summary>Until the session has it, or has given up on whoever calls.</summary>
    /// <returns>Null: it could not be told.</returns>
    private async Task<Answer?> End(string session, Guid runId, Guid caller, ModelCallEnd end)
    {
        Cluster.History.CatchUp();
        Tenant.ModelCalls.Says(runId, caller, end.Standing);
        var sending = NewSending();
        for (var until = Cluster.Time.GetUtcNow() + Limits.ModelLostAfter; Cluster.Time.GetUtcNow() < until;)
        {
            if (await Ask(Entities.Session(session), new RunCommand.EndCall(runId, caller, end), sending, $"The end of the call of {runId}", given => Ended(session, runId, given)) is { } answer)
            {
                if (answer.Rejection != KeyRejection.Stale) return answer;

                sending = NewSending(); // the clock was advanced meanwhile
            }

            await Pause(Soon);
        }

        return null;
    }

    /// <summary>It has ended; and whoever says how another's ended is not heard.</summary>
    private async Task EndAgain(Under call, FakeModels.Called came)
    {
        await EndInVain(call.Session, call.RunId, call.Caller, Random.Next(2) == 0 ? Unknown : Known(came with { CostMicros = came.CostMicros + 10_000 }));
        Cluster.History.CatchUp();
        if (Tenant.ModelCalls.Open is { Count: > 0 } open)
        {
            var (session, runId) = Any(open);
            await EndInVain(session, runId, Cluster.NewId(), Random.Next(2) == 0 ? Unsent : Known(came));
        }
    }

    private async Task EndInVain(string session, Guid runId, Guid caller, ModelCallEnd end)
    {
        var answer = await Ask(Entities.Session(session), new RunCommand.EndCall(runId, caller, end), NewSending(), $"Another end of the call of {runId}", static _ => null);
        Cluster.Findings.Expect(answer is null or { Rejection.Code: Codes.NotFound or Codes.Unavailable or Codes.TestReset }, $"An end of the call of {runId} that is nobody's was answered {(answer is null ? null : Text(answer))}.");
    }

    private Func<History, int>? Ended(string session, Guid runId, Answer given) => given switch
    {
        { Reply: RunView view } => Concluded(session, runId, view),
        { Rejection: { } failed } when failed.FactOf("run_id") is not null => history => history.Count<RunEvent.Concluded>(Stream(Kinds.Session, session), (e, _) => e.RunId == runId && !e.Posted && e.FailureCode == failed.Code),
        _ => null,
    };

    private Func<History, int> Concluded(string session, Guid runId, RunView view) =>
        history => history.Count<RunEvent.Concluded>(Stream(Kinds.Session, session), (e, _) => e.RunId == runId && e.Posted && e.Payment == view.Payment && e.BudgetAfter == view.Budget);

    private static ModelCallEnd Unsent { get; } = new(CallStanding.Unsent, 0, null, FailureCode: Codes.UpstreamFailed, FailureMessage: "No connection.");

    private static ModelCallEnd Unknown { get; } = new(CallStanding.Unknown, 0, null, FailureCode: Codes.UpstreamFailed, FailureMessage: "Cut off.");

    private static ModelCallEnd Known(FakeModels.Called came) => new(CallStanding.Known, came.CostMicros, came.Usage, came.ProviderId, FirstMs: 10, TookMs: 20);

    private sealed record Request(string Session, FakeModels.Model Model, IReadOnlyList<Candidate> Candidates, Sending Sending, string? Question = null, Saying? Saying = null);

    /// <summary>A call that this process may make.</summary>
    private sealed record Under(string Session, Guid RunId, Guid Caller, long BoundMicros);
}
