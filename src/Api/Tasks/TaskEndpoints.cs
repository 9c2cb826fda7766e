using Agora.Application.Operations;
using Agora.Application.Tasks;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tasks;

/// <inheritdoc cref="AgentTasks"/>
internal sealed class TaskEndpoints(AgentTasks tasks) : IFeature
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

    public void Map(Routes routes) => routes.Map(List, ListTasks).Map(Get, GetTask).Map(Complete, CompleteTask).Map(Claim, ClaimTask);

    private async Task<Reply> ListTasks(AgentCall call, Page page) => (await tasks.List(call.Caller, page)).Reply(found =>
        Reply.Ok(new TasksData([.. found.Tasks.Select(TaskData.Of)], found.Total, page.Offset, page.Limit, call.Said(found.EmptyBecause))) with
        {
            UntrustedFields = ["data.tasks[].sponsor", "data.tasks[].name", "data.tasks[].type"],
        });

    public async Task<Reply> GetTask(AgentCall call, string campaignId) => (await tasks.Get(call.Caller, campaignId, call.Cancel)).Reply(shown => Reply.Ok(TaskDetailData.Of(shown, call.Words)) with
    {
        UntrustedFields = ["data.sponsor", "data.task.name", "data.task.type", "data.task.description", "data.task.schema", "data.task.data_types"],
    });

    public async Task<Reply> CompleteTask(AgentCall call, CompleteRequest request) => (await tasks.Complete(call.Caller, request, call.Cancel)).Reply(static done => Reply.Created(CompletedData.Of(done)));

    private async Task<Reply> ClaimTask(AgentCall call, string campaignId) => (await tasks.Claim(call.Caller, campaignId, call.Cancel)).Reply(static claim =>
        Reply.Created(new ClaimData(claim.ClaimId, claim.CampaignId, new(claim.RewardMicros), claim.ExpiresAt)));
}
