using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tasks;

/// <summary>Sponsors' tasks: listed where the session's scopes allow them, read, claimed where they earn something, and done.</summary>
internal sealed class TaskEndpoints(StoredAgents stored, Guide guide, Catalogues catalogues, SchemaCache schemas) : IFeature
{
    public static readonly Operation<Page> List = new(Audience.Agents, OperationNames.GetTasks, "GET /agent/tasks", "List the sponsors' tasks in scope")
    {
        ListsIds = ["campaign_id"],
        Tool = new("get_tasks"),
        StoredName = "list_tasks",
        Advice = "List the sponsors' tasks.",
        Read = static call => call.Query.Page(),
        Data = typeof(TasksData),
        DataExample = """{"tasks":[{"campaign_id":"survey","sponsor":"Acme","name":"Product survey","type":"survey","unlocks":["summary"],"completed":false,"reward_cents":50}],"total_count":1,"offset":0,"limit":50,"empty_because":null}""",
    };

    public static readonly Operation<string> Get = new(Audience.Agents, OperationNames.GetTask, "GET /agent/tasks/{campaign_id}", "Read a task: what it asks for")
    {
        Tool = new("get_task"),
        Advice = "Read the task that unlocks sponsored runs.",
        Read = static call => call.Id("campaign_id"),
        Data = typeof(TaskDetailData),
        Codes = [Codes.NotFound, Codes.ScopeViolation],
        DataExample = """{"campaign_id":"survey","sponsor":"Acme","task":{"name":"Product survey","type":"survey","description":"Answer three questions","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"completed":false,"reward_cents":50,"payout_delay_seconds":3600,"consent_meanings":[{"type":"data_sharing","meaning":"The sponsor sees what the task's output says about the user."}]}""",
    };

    public static readonly Operation<CompleteRequest> Complete = new(Audience.Agents, OperationNames.CompleteTask, "POST /agent/tasks/{campaign_id}/complete", "Do a task: its output and the consents it asks for")
    {
        Tool = new("complete_task"),
        StoredName = "do_task",
        Advice = "Do the task: its output and the consents it asks for. It unlocks runs that the sponsor pays.",
        Read = CompleteRequest.Read,
        SubjectFirst = static _ => true,
        Data = typeof(CompletedData),
        Status = StatusCodes.Status201Created,
        HeldAgainst = "/output",
        Codes = [Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.TaskAlreadyCompleted, Codes.NotEligible, Codes.RewardsExhausted, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""",
        DataExample = """{"completion_id":"0198c0de-0000-7000-8000-000000000000","campaign_id":"survey","execution_mode":"agent","granted_via":"agent","consents":[{"consent_id":"c-1","type":"data_sharing"}],"unlocked_services":["summary"],"reward":{"amount_cents":50,"state":"pending","pays_at":"2030-01-01T01:00:00.000000Z","why_not":null}}""",
    };

    public static readonly Operation<string> Claim = new(Audience.Agents, OperationNames.ClaimTask, "POST /agent/tasks/{campaign_id}/claim", "Have the task's reward held until it is done")
    {
        Read = static call => call.Id("campaign_id"),
        SubjectFirst = static _ => true,
        Data = typeof(ClaimData),
        Status = StatusCodes.Status201Created,
        Codes = [Codes.NotFound, Codes.ScopeViolation, Codes.TaskAlreadyCompleted, Codes.DuplicateRequest, Codes.NotEligible, Codes.RewardsExhausted, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = """{"claim_id":"0198c0de-0000-7000-8000-000000000000","campaign_id":"survey","reward_cents":50,"expires_at":"2030-01-01T00:15:00.000000Z"}""",
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such campaign.");
    private static readonly Rejection OutOfScope = new(Codes.ScopeViolation, "The task's type, data types or consents are not in the session's scopes.");

    public void Map(Routes routes) => routes.Map(List, ListTasks).Map(Get, GetTask).Map(Complete, CompleteTask).Map(Claim, ClaimTask);

    private Task<Reply> ListTasks(AgentCall call, Page page) => guide.Visit(call, flow => Listed(call, flow, page));

    public async Task<Reply> GetTask(AgentCall call, string campaignId)
    {
        var campaign = Visible(call, campaignId);
        var refused = campaign is null ? NotFound : await ScopeRefusal(call, campaign);
        return await guide.Visit(call, flow => Described(call, flow, campaign!), refused);
    }

    public async Task<Reply> CompleteTask(AgentCall call, CompleteRequest request)
    {
        var campaign = Visible(call, request.CampaignId);
        if (campaign is not null)
        {
            request.Check(campaign, schemas, call.Findings);
        }

        var output = new Personal(request.Output is { } given ? StrictJson.Raw(given) : "null"u8.ToArray());
        var answer = await call.Send(new SessionCommand.CompleteTask(call.Info, request.CampaignId, campaign?.Terms(call.Now), request.Consents, output, await OwnerOfAgent(call, campaign), request.Output is { } submitted ? campaign?.OutlineOf(submitted) : null));
        return answer.Rejection is { } rejection
            ? await Undone(call, request, rejection) with { Replayed = answer.Replayed }
            : await Done(call, campaign, answer.As<Completed>()) with { Replayed = answer.Replayed };
    }

    /// <summary>Who was refused a consent is not asked for it again: other ways are offered.</summary>
    private Task<Reply> Undone(AgentCall call, CompleteRequest request, Rejection rejection) =>
        rejection.Code == Codes.ValidationFailed && request.Consents.Any(consent => !consent.Granted)
            ? guide.Guided(call, Reply.Refused(rejection) with { AdviceStands = true }, static _ => Guide.Elsewhere)
            : guide.Refuse(call, rejection);

    private async Task<Reply> ClaimTask(AgentCall call, string campaignId)
    {
        var campaign = Visible(call, campaignId);
        var answer = await call.Send(new SessionCommand.ClaimTask(call.Info, campaignId, campaign?.Terms(call.Now), await OwnerOfAgent(call, campaign)));
        return answer.Rejection is { } rejection
            ? await guide.Refuse(call, rejection) with { Replayed = answer.Replayed }
            : await Claimed(call, campaign, answer.As<TaskClaim>()) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> Listed(AgentCall call, FlowState flow, Page page)
    {
        var tasks = flow.Catalogue.Campaigns
            .Where(c => flow.IsInScope(c) && (flow.Completion(c.CampaignId) is not null || (flow.IsOffered(c) && flow.IsForUser(c))))
            .ToList();
        var data = new TasksData([.. tasks.Skip(page.Offset).Take(page.Limit).Select(c => Describe(flow, c))], tasks.Count, page.Offset, page.Limit, page.Offset >= tasks.Count ? call.Said(EmptyBecause.OfTasks(flow, tasks.Count)) : null);
        return Reply.Ok(data) with
        {
            NextActions = (await guide.Advance(flow)).Actions,
            UntrustedFields = ["data.tasks[].sponsor", "data.tasks[].name", "data.tasks[].type"],
        };
    }

    private static TaskData Describe(FlowState flow, CampaignEntry campaign) => new(
        campaign.CampaignId,
        campaign.Definition.Sponsor,
        campaign.Definition.Task.Name,
        campaign.Definition.Task.Type,
        [.. campaign.Definition.Services.Select(s => s.ServiceId)],
        flow.Completion(campaign.CampaignId) is not null,
        new(campaign.Definition.RewardMicros));

    private async Task<Reply> Described(AgentCall call, FlowState flow, CampaignEntry campaign)
    {
        var task = campaign.Definition.Task;
        var terms = new TaskTermsData(task.Name, task.Type, task.Description, RawJson.Of(task.Schema)!, task.DataTypes, task.Consents);
        var data = new TaskDetailData(
            campaign.CampaignId,
            campaign.Definition.Sponsor,
            terms,
            flow.Completion(campaign.CampaignId) is not null,
            new(campaign.Definition.RewardMicros),
            campaign.Definition.PayoutDelaySeconds,
            [.. task.Consents.Select(type => new ConsentMeaningData(type, call.Said(ConsentMeanings.Of(type))))]);
        return Reply.Ok(data) with
        {
            NextActions = await guide.Before(flow, campaign, await OwnerOfAgent(call, campaign)),
            UntrustedFields = ["data.sponsor", "data.task.name", "data.task.type", "data.task.description", "data.task.schema", "data.task.data_types"],
        };
    }

    /// <param name="campaign">Null: it rests by now, and this is a repeat of what was done before.</param>
    private Task<Reply> Done(AgentCall call, CampaignEntry? campaign, Completed completed)
    {
        var data = new CompletedData(
            completed.CompletionId,
            completed.CampaignId,
            completed.GrantedVia,
            completed.GrantedVia,
            [.. completed.Consents.Select(c => new GivenConsentData(c.ConsentId, c.Type))],
            campaign is null ? [] : [.. campaign.Definition.Services.Select(s => catalogues.In(call.Tenant).Service(s.ServiceId)).OfType<ServiceEntry>().Where(s => s.IsRunnable && campaign.Covers(s)).Select(s => s.ServiceId)],
            EarnedData.Of(completed.Reward));
        return guide.Guided(call, Reply.Created(data), flow => campaign is null ? Guide.Onward : guide.Unlocked(flow, campaign));
    }

    private Task<Reply> Claimed(AgentCall call, CampaignEntry? campaign, TaskClaim claim)
    {
        var data = new ClaimData(claim.ClaimId, claim.CampaignId, new(claim.RewardMicros), claim.ExpiresAt);
        return guide.Guided(call, Reply.Created(data), flow => campaign is null ? Guide.Onward : guide.Before(flow, campaign, owner: null));
    }

    /// <summary>
    /// Asked only where it matters: of the agent that authenticated, and of the one that it delegated to, for neither may hide behind the other's name.
    /// Empty: nobody says who it is.
    /// </summary>
    private async Task<string?> OwnerOfAgent(AgentCall call, CampaignEntry? campaign)
    {
        if (campaign is not { Definition: { RewardMicros: > 0, Owner: { } sponsor } } || call.Findings.Refusal is not null) return null;
        if ((await call.Peek()).Reply is not SessionView session) return null;

        // Of a delegated session the agent is whatever name was given: no entity comes to life for it.
        var owner = await OwnerOf(session.Grantee);
        return owner == sponsor || session.AgentId == session.Grantee || await OwnerOf(session.AgentId) != sponsor ? owner : sponsor;

        async Task<string> OwnerOf(string agentId) => (await stored.Find(call.Tenant, agentId, call.Cancel))?.Owner ?? "";
    }

    /// <summary>The scopes are the session's to tell; where it refuses to, the visit that follows says why.</summary>
    private static async Task<Rejection?> ScopeRefusal(AgentCall call, CampaignEntry campaign) =>
        call.Findings.Malformed is null && (await call.Peek()).Reply is SessionView session && !session.Scopes.Admits(campaign.Definition.Task) ? OutOfScope : null;

    /// <summary>A campaign that its operator has not switched on is nobody's to see.</summary>
    private CampaignEntry? Visible(AgentCall call, string id) => catalogues.In(call.Tenant).Campaign(id) is { Definition.Active: true } campaign ? campaign : null;
}
