using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>An agent at one user: logs in, does tasks, runs services, looks around, sometimes goes, and logs in again.</summary>
public sealed class AgentClient(SimCluster cluster, string agentId, string userId) : Caller(cluster)
{
    private static readonly SessionPolicy Policy = new(RateLimitPerMinute: 60, DuplicateWindowSeconds: 2);
    private readonly List<string> _consents = [];
    private string? _session;

    public async Task Live()
    {
        while (!Cluster.Closing)
        {
            await Pause(Cluster.Options.Think);
            await (_session is { } session ? Act(session) : LogIn());
        }
    }

    private Task Act(string session) => Random.Next(100) switch
    {
        < 72 => Run(session),
        < 80 => DoTask(session),
        < 86 => Look(session),
        < 90 => Withdraw(session),
        < 93 => LogOut(session),
        < 97 => LogIn(),
        _ => Inquire(session),
    };

    private async Task LogIn()
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(agentId);
        var command = new UserCommand.OpenSession(agentId, new(null, null, null, null), null, Random.Next(30, 3_600), Vouched: false);
        var answer = await Ask(Entities.User(userId), command, sending, $"Opening a session of {userId}", given => IsReply<SessionOpened>(given)
            ? history => history.Count<UserEvent.SessionBegun>(StreamId.User(userId), (e, _) => e.CommandId == sending.CommandId && e.Session.SessionId == ((SessionOpened)given.Reply!).SessionId)
            : null);
        _session = (answer?.Reply as SessionOpened)?.SessionId ?? _session;
    }

    private async Task Run(string session)
    {
        var service = Cluster.Catalogue.Services[Random.Next(Cluster.Catalogue.Services.Count)];
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var candidates = Cluster.Catalogue.CandidatesFor(service.ServiceId);
        var input = Random.Next(1_000);
        var command = new SessionCommand.RunService(
            Request("run_service", "POST /agent/services/{id}/run"), service.ServiceId, service, Personal.Of(new { input }), $"{input:x64}",
            NamedCampaignId: null, NamedFound: false, MaxPriceMicros: null, candidates, Keyed: sending.Key is not null);
        var answer = await Ask(Entities.Session(session), command, sending, $"A run of {service.ServiceId}", given => given switch
        {
            { Reply: RunView view } => history => history.Count<SessionEvent.RunSettled>(StreamId.Session(session), (e, _) =>
                e.RunId == view.RunId && e is { Posted: true, Payment: { } paid } && paid == view.Payment && e.BudgetAfter == view.Budget && Same(e.Output, view.Output)),
            { Rejection: { Code: Codes.UpstreamFailed or Codes.UpstreamTimeout } failed } => history => history.Count<SessionEvent.RunSettled>(
                StreamId.Session(session), (e, _) => e.RunId == sending.CommandId && !e.Posted && e.FailureCode == failed.Code),
            _ => null,
        });
        Forget(answer);
        if (answer?.Rejection?.Code == Codes.PaymentRequired && candidates.Count > 0)
        {
            await DoTask(session, candidates[Random.Next(candidates.Count)].CampaignId);
        }
    }

    private Task DoTask(string session) => DoTask(session, Cluster.Catalogue.Campaigns.ElementAt(Random.Next(Cluster.Catalogue.Campaigns.Count)));

    private async Task DoTask(string session, string campaign)
    {
        var task = Cluster.Catalogue.TaskOf(campaign);
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(session);
        var command = new SessionCommand.CompleteTask(
            Request("do_task", "POST /agent/tasks/{id}/complete"), campaign, task, [.. task.Consents.Select(c => new ConsentGiven(c, true))], Personal.Of(new { answer = "tea" }));
        var answer = await Ask(Entities.Session(session), command, sending, $"The task of {campaign}", given => given.Reply is Completed done
            ? history => history.Count<SessionEvent.TaskRecorded>(StreamId.Session(session), (e, _) => e.CompletionId == done.CompletionId && e.CommandId == sending.CommandId)
                * history.Count<UserEvent.TaskCompleted>(StreamId.User(userId), (e, _) => e.Done.CompletionId == done.CompletionId && e.Done.CampaignId == campaign)
            : null);
        _consents.AddRange((answer?.Reply as Completed)?.Consents.Select(c => c.ConsentId) ?? []);
        Forget(answer);
    }

    private async Task Withdraw(string session)
    {
        if (_consents.Count > 0)
        {
            var consent = _consents[^1];
            var sending = NewSending();
            await Ask(Entities.Session(session), new SessionCommand.WithdrawConsent(Request("withdraw_consent", "DELETE /agent/consents/{id}"), consent), sending, "A withdrawal", given =>
                IsReply<ConsentWithdrawn>(given) ? history => history.Count<UserEvent.ConsentWithdrawn>(StreamId.User(userId), (e, _) => e.ConsentId == consent) : null);
        }
    }

    private async Task Look(string session) =>
        Forget(await Ask(Entities.Session(session), new SessionCommand.Visit(Request("flow_status", "GET /agent/flow/status")), NewSending(), "A look", static _ => null));

    private async Task LogOut(string session)
    {
        var sending = NewKeyed(session);
        await Ask(Entities.Session(session), new SessionCommand.Revoke(Request("end_session", "DELETE /agent/session")), sending, "The end of a session", given => IsReply<SessionEnded>(given)
            ? history => history.Count<SessionEvent.Revoked>(StreamId.Session(session), (_, c) => c.CommandId == sending.CommandId)
            : null);
        _session = null;
    }

    /// <summary>A node that asks about a hold which nobody has: it must be told void, for ever, and nothing else may come of it.</summary>
    private async Task Inquire(string session)
    {
        var (run, hold) = (Cluster.NewId(), Cluster.NewId());
        var answer = await Ask(Entities.Session(session), new SessionCommand.Inquire(run, hold), NewSending(), "An inquiry", static _ => null);
        Cluster.Findings.Expect(answer is null or { Reply: Inquired { Open: false, Posted: false } }, $"An inquiry about an unknown hold was answered {answer}.");
    }

    private void Forget(Answer? answer)
    {
        if (answer?.Rejection?.Code is Codes.SessionExpired or Codes.SessionRevoked or Codes.Unauthorized)
        {
            _session = null;
        }
    }

    private static bool Same(Personal? stored, Personal? told) => stored is { } s && told is { } t && s.Utf8.Span.SequenceEqual(t.Utf8.Span);

    private static RequestInfo Request(string operation, string endpoint) => new(operation, endpoint, operation, Policy);
}
