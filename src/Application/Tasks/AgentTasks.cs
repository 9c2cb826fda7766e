using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Application.Tasks;

/// <summary>Sponsors' tasks, as an agent lists them in its session's scope, reads them, claims those that earn something, and does them.</summary>
internal sealed class AgentTasks(SessionCalls sessions, StoredAgents stored, Guide guide, Catalogues catalogues, SchemaCache schemas)
{
    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such campaign.");
    private static readonly Rejection OutOfScope = new(Codes.ScopeViolation, "The task's type, data types or consents are not in the session's scopes.");

    public Task<Result<TaskPage>> List(AgentCaller caller, Page page) => guide.Visit(caller, async flow =>
    {
        var tasks = flow.Catalogue.Campaigns
            .Where(campaign => flow.IsInScope(campaign) && (flow.Completion(campaign.CampaignId) is not null || (flow.IsOffered(campaign) && flow.IsForUser(campaign))))
            .ToList();
        var found = new TaskPage(
            [.. tasks.Skip(page.Offset).Take(page.Limit).Select(campaign => new TaskShown(campaign, flow.Completion(campaign.CampaignId) is not null))],
            tasks.Count,
            page.Offset >= tasks.Count ? EmptyBecause.OfTasks(flow, tasks.Count) : null);
        return Result.Of(found, Advice.Of((await guide.Advance(flow)).Actions));
    });

    public async Task<Result<TaskShown>> Get(AgentCaller caller, string campaignId, CancellationToken cancel)
    {
        var campaign = Visible(caller, campaignId);
        var refused = campaign is null ? NotFound : await ScopeRefusal(caller, campaign);
        return await guide.Visit(
            caller,
            async flow => Result.Of(new TaskShown(campaign!, flow.Completion(campaignId) is not null), Advice.Of(await guide.Before(flow, campaign!, await OwnerOfAgent(caller, campaign, cancel)))),
            refused);
    }

    /// <summary>Hands in a task's output with the user's consents. Its completion is the one durable change, which the session decides.</summary>
    public async Task<Result<TaskDone>> Complete(AgentCaller caller, CompleteRequest request, CancellationToken cancel)
    {
        var campaign = Visible(caller, request.CampaignId);
        if (campaign is not null && request.Output is { } held)
        {
            caller = caller.Violating(schemas.Violations(campaign.Definition.Task.Schema, held, "/output"));
        }

        var output = new Personal(request.Output is { } given ? StrictJson.Raw(given) : "null"u8.ToArray());
        var answer = await sessions.Send(caller, new SessionCommand.CompleteTask(
            caller.Request, request.CampaignId, campaign?.Terms(sessions.Now(caller.Tenant)), request.Consents, output, await OwnerOfAgent(caller, campaign, cancel), request.Output is { } submitted ? campaign?.OutlineOf(submitted) : null));
        if (answer.Rejection is { } rejection)
        {
            return Result.Refused<TaskDone>(rejection, await AfterRefused(caller, request, rejection)) with { Replayed = answer.Replayed };
        }

        var completed = answer.As<Completed>();
        return Result.Of(new TaskDone(completed, Unlocked(caller, campaign)), await guide.Advise(caller, flow => campaign is null ? Guide.Onward : guide.Unlocked(flow, campaign))) with { Replayed = answer.Replayed };
    }

    /// <summary>Has the task's reward held until the task is done.</summary>
    public async Task<Result<TaskClaim>> Claim(AgentCaller caller, string campaignId, CancellationToken cancel)
    {
        var campaign = Visible(caller, campaignId);
        var answer = await sessions.Send(caller, new SessionCommand.ClaimTask(caller.Request, campaignId, campaign?.Terms(sessions.Now(caller.Tenant)), await OwnerOfAgent(caller, campaign, cancel)));
        var result = answer.Rejection is { } rejection
            ? Result.Refused<TaskClaim>(rejection, await guide.AfterRefused(caller, rejection))
            : Result.Of(answer.As<TaskClaim>(), await guide.Advise(caller, flow => campaign is null ? Guide.Onward : guide.Before(flow, campaign, owner: null)));
        return result with { Replayed = answer.Replayed };
    }

    /// <summary>A caller whose user refused a consent is not asked for it again: other ways are offered.</summary>
    private async Task<Advice> AfterRefused(AgentCaller caller, CompleteRequest request, Rejection rejection) =>
        rejection.Code == Codes.ValidationFailed && request.Consents.Any(static consent => !consent.Granted)
            ? await guide.Advise(caller, static _ => Guide.Elsewhere) with { Stands = true }
            : await guide.AfterRefused(caller, rejection);

    /// <param name="campaign">Null if it rests by now, and this is a repeat of what was done before.</param>
    private IReadOnlyList<string> Unlocked(AgentCaller caller, CampaignEntry? campaign) => campaign is null ? [] :
    [
        .. campaign.Definition.Services.Select(service => catalogues.In(caller.Tenant).Service(service.ServiceId)).OfType<ServiceEntry>().Where(service => service.IsRunnable && campaign.Covers(service)).Select(static service => service.ServiceId),
    ];

    /// <summary>
    /// The owner of the agent, asked only where it matters: of the agent that authenticated, and of the one that it delegated to, because neither may use the other's name.
    /// Empty if the agent has no owner. Null if it does not matter.
    /// </summary>
    private async Task<string?> OwnerOfAgent(AgentCaller caller, CampaignEntry? campaign, CancellationToken cancel)
    {
        if (campaign is not { Definition: { RewardMicros: > 0, Owner: { } sponsor } } || caller.IsWrong) return null;
        if (await sessions.Peek(caller) is not { } session) return null;

        // In a delegated session the agent is whatever name was given: no entity comes to life for it.
        var owner = await OwnerOf(session.Grantee);
        return owner == sponsor || session.AgentId == session.Grantee || await OwnerOf(session.AgentId) != sponsor ? owner : sponsor;

        async Task<string> OwnerOf(string agentId) => (await stored.Find(caller.Tenant, agentId, cancel))?.Owner ?? "";
    }

    /// <summary>The scopes are the session's to tell. If it refuses to, the visit that follows says why.</summary>
    private async Task<Rejection?> ScopeRefusal(AgentCaller caller, CampaignEntry campaign) =>
        caller.Request.Malformed is null && await sessions.Peek(caller) is { } session && !session.Scopes.Admits(campaign.Definition.Task) ? OutOfScope : null;

    /// <summary>A campaign that its operator has not switched on is hidden.</summary>
    private CampaignEntry? Visible(AgentCaller caller, string id) => catalogues.In(caller.Tenant).Campaign(id) is { Definition.Active: true } campaign ? campaign : null;
}

/// <param name="Completed">The session's user has completed it.</param>
internal sealed record TaskShown(CampaignEntry Campaign, bool Completed);

/// <param name="EmptyBecause">A sentence. Null if the page is not empty.</param>
internal sealed record TaskPage(IReadOnlyList<TaskShown> Tasks, int Total, string? EmptyBecause);

/// <param name="UnlockedServices">Ids of the services that can now be run.</param>
internal sealed record TaskDone(Completed Completed, IReadOnlyList<string> UnlockedServices);
