using Agora.Api.Runs;
using Agora.Api.Services;
using Agora.Api.Sessions;
using Agora.Api.Tasks;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Runs;
using Agora.Application.Services;
using Agora.Application.Sessions;
using Agora.Application.Tasks;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Gpt;

/// <summary>
/// The API for a person in the loop of a chat. Each operation is an agents' one by another door: it is read, decided and audited as that is, by its stored name, and what is answered is said
/// plainly. The session is one that a chat's key has opened, so what is done and consented to in it is a person's.
/// </summary>
internal sealed class GptEndpoints(AgentSignIn signIn, AgentServices services, AgentTasks tasks, RunStarts runs, AgentSession sessions, GptTokens tokens, IEntities entities) : IFeature
{
    private const int ConsentsShown = Limits.PageDefault;
    private const string TokenExample = "0198c0de-0000-8000-8000-000000000000";
    private const string RunExample = """{"run_id":"0198c0de-0000-7000-8000-000000000000","service_id":"summary","state":"succeeded","output":{"summary":"Short."},"amount_cents":25,"source":"sponsor","already_done":false,"message":"Done. A sponsor has paid for it."}""";

    public static readonly Operation<AuthRequest> SignIn = new(Audience.Gpt, "gpt_auth", "POST /gpt/auth", "Sign a person in: the session_token that comes back goes into every other request. Signing in again gives the same session while it lives.")
    {
        StoredName = AuthEndpoints.Auth.StoredName,
        KeyedBy = ["user_id"], // one session per person: in a second session the same run would be paid again
        GivesSecret = true,
        Read = GptRequests.SignIn,
        Data = typeof(GptSessionData),
        Status = StatusCodes.Status201Created,
        Codes = [Codes.GrantExceeded, Codes.NotFound, Codes.SessionSuspended, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"user_id":"user-1"}""",
        DataExample = $$"""{"session_token":"{{TokenExample}}","user_id":"user-1","limit_cents":100,"spent_cents":0,"remaining_cents":100,"expires_at":"2030-01-01T00:00:00.000000Z","message":"You are signed in. This chat may still spend 100 cents for you."}""",
    };

    public static readonly Operation<ServiceSearch> Services = new(Audience.Gpt, "gpt_services", "GET /gpt/services", "Find services for the person: what each does and costs, what it is given, and which sponsors would pay, once their task is done.")
    {
        StoredName = ServiceEndpoints.Find.StoredName,
        Read = GptRequests.Services,
        Data = typeof(GptServicesData),
        DataExample = """{"services":[{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"input_schema":{"type":"object"},"sponsors":[{"campaign_id":"survey","sponsor":"Acme","task_completed":false,"runs_left":3}]}],"total_count":1,"message":"Services that fit: 1. Which one shall I run?"}""",
    };

    public static readonly Operation<string> Task = new(Audience.Gpt, "gpt_task", "GET /gpt/tasks/{campaign_id}", "What a sponsor asks of the person before it pays: put these questions to the person in your own words, and each consent with what it means.")
    {
        StoredName = TaskEndpoints.Get.StoredName,
        Read = GptRequests.Task,
        Data = typeof(GptTaskData),
        Codes = [Codes.NotFound, Codes.ScopeViolation],
        DataExample = """{"campaign_id":"survey","sponsor":"Acme","name":"Product survey","description":"Answer three questions","schema":{"type":"object"},"consent_meanings":[{"type":"data_sharing","meaning":"The sponsor sees what the task's output says about the user."}],"completed":false,"reward_cents":0,"message":"A sponsor asks for this. Please answer, and say for each consent whether you agree."}""",
    };

    public static readonly Operation<CompleteRequest> Complete = new(Audience.Gpt, "gpt_complete_task", "POST /gpt/tasks/{campaign_id}/complete", "Hand in the person's own answers, and the consents that the person has said yes or no to. Never answer or agree for the person.")
    {
        StoredName = TaskEndpoints.Complete.StoredName,
        Read = GptRequests.Complete,
        SubjectFirst = static _ => true,
        Data = typeof(GptCompletedData),
        Status = StatusCodes.Status201Created,
        HeldAgainst = TaskEndpoints.Complete.HeldAgainst,
        Codes = TaskEndpoints.Complete.Codes,
        BodyExample = $$$"""{"session_token":"{{{TokenExample}}}","output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""",
        DataExample = """{"completion_id":"0198c0de-0000-7000-8000-000000000000","campaign_id":"survey","execution_mode":"human","granted_via":"human","consents":[{"consent_id":"c-1","type":"data_sharing"}],"unlocked_services":["summary"],"reward":null,"already_done":false,"message":"Done. The sponsor now pays for the services that this unlocks."}""",
    };

    public static readonly Operation<RunRequest> Run = new(Audience.Gpt, "gpt_run_service", "POST /gpt/services/{service_id}/run", "Run a service for the person. The same request again gives the same result and is paid once; 202 means: ask for the same again in a moment.")
    {
        StoredName = RunEndpoints.Run.StoredName,
        Read = GptRequests.Run,
        SubjectFirst = static _ => true,
        MayGoOn = true,
        Data = typeof(GptRunData),
        HeldAgainst = RunEndpoints.Run.HeldAgainst,
        Codes = RunEndpoints.Run.Codes,
        BodyExample = $$$"""{"session_token":"{{{TokenExample}}}","input":{"text":"A long text."}}""",
        DataExample = RunExample,
    };

    public static readonly Operation<NoFields> Status = new(Audience.Gpt, "gpt_status", "GET /gpt/user/status", "What this session has spent for the person and may still spend, its latest runs, and the consents that the person has given.")
    {
        StoredName = SessionEndpoints.Status.StoredName,
        Read = GptRequests.Status,
        Data = typeof(GptStatusData),
        DataExample = """{"user_id":"user-1","spent_cents":25,"reserved_cents":0,"remaining_cents":75,"expires_at":"2030-01-01T00:00:00.000000Z","consents":[{"consent_id":"c-1","campaign_id":"survey","type":"data_sharing","granted_via":"human","granted_at":"2030-01-01T00:00:00.000000Z","withdrawn_at":null}],"total_consents":1,"runs":[],"message":"Spent in this session: 25 cents. Left: 75 cents."}""",
    };

    public void Map(Routes routes) => routes.Map(SignIn, Open).Map(Services, Search).Map(Task, GetTask).Map(Complete, CompleteTask).Map(Run, RunService).Map(Status, Standing);

    private async Task<Reply> Open(KeyCall call, AuthRequest request)
    {
        var chat = call.Holder.AgentId!;
        var result = await signIn.Open(call.Caller(request.KeyKept), request with { AgentId = chat }, call.Cancel);

        // The session of before, while it lives: what was asked for in it is known there, and not paid again.
        if (result is { Replayed: true, Value: { } known } && !await Lives(call, known.SessionId))
        {
            return Reply.Refused(AccessRejection.Expired) with { Replayed = true };
        }

        return result.Reply(opened =>
        {
            var budget = opened.Now.Budget;
            return Reply.Created(new GptSessionData(
                tokens.Mint(call.Tenant, chat, opened.SessionId), opened.Opened.UserId, new(budget.LimitMicros), new(budget.SpentMicros), new(budget.RemainingMicros), opened.Now.ExpiresAt,
                call.Said($"You are signed in. This chat may still spend {Money.FormatCents(budget.RemainingMicros)} cents for you.")));
        });
    }

    private async Task<bool> Lives(KeyCall call, string sessionId) =>
        await entities.In(call.Tenant).Session(sessionId).Peek(call.Fresh()) is { RevokedAt: null } session && session.ExpiresAt > call.Now;

    private async Task<Reply> Search(AgentCall call, ServiceSearch search) => (await services.Search(call.Caller, search)).Reply(found => Reply.Ok(new GptServicesData(
        [.. found.Services.Select(static one => GptServiceData.Of(ServiceData.Of(one)))],
        found.Total,
        call.Said(found.EmptyBecause is null ? $"Services that fit: {found.Total}. Which one shall I run?" : "There is no service that fits. Try other words."))) with
    {
        UntrustedFields = ["data.services[].name", "data.services[].description", "data.services[].category", "data.services[].input_schema", "data.services[].sponsors[].sponsor"],
    });

    private async Task<Reply> GetTask(AgentCall call, string campaignId) => (await tasks.Get(call.Caller, campaignId, call.Cancel)).Reply(shown =>
    {
        var found = TaskDetailData.Of(shown, call.Words);
        return Reply.Ok(new GptTaskData(
            found.CampaignId, found.Sponsor, found.Task.Name, found.Task.Description, found.Task.Schema, found.ConsentMeanings, found.Completed, found.RewardCents,
            call.Said(found.Completed ? PlainWords.Of(Codes.TaskAlreadyCompleted) : "A sponsor asks for this. Please answer, and say for each consent whether you agree."))) with
        {
            UntrustedFields = ["data.sponsor", "data.name", "data.description", "data.schema", "data.consent_meanings[].type"],
        };
    });

    private async Task<Reply> CompleteTask(AgentCall call, CompleteRequest request)
    {
        var result = await tasks.Complete(call.Caller, request, call.Cancel);
        return result.Reply(completed =>
        {
            var done = CompletedData.Of(completed);
            return Reply.Created(new GptCompletedData(
                done.CompletionId, done.CampaignId, done.ExecutionMode, done.GrantedVia, done.Consents, done.UnlockedServices, done.Reward, result.Replayed,
                call.Said(result.Replayed ? PlainWords.Of(Codes.TaskAlreadyCompleted) : "Done. The sponsor now pays for the services that this unlocks.")));
        });
    }

    private async Task<Reply> RunService(AgentCall call, RunRequest request)
    {
        var reply = RunEndpoints.Told(await runs.Start(call, request));
        if (reply.Data is not RunData run) return reply;

        // A run that came to nothing stands as such once its answer is forgotten.
        return run.Failure is { } failure ? Reply.Refused(new Rejection(failure.Code, "The run failed; nothing was spent.")) with { Replayed = reply.Replayed }
            : reply with { Data = GptRunData.Of(run, reply.Replayed, call.Said(Said(run, reply.Replayed))), UntrustedFields = ["data.output"] };
    }

    private static string Said(RunData run, bool replayed) => run switch
    {
        { State: "pending" } => "This is still under way. Ask for the same again in a moment; it is paid once.",
        { State: "awaiting_approval" } => "This waits for your approval. Once you have given it, ask for the same again.",
        _ when replayed => "This was done before: here is its result again, and nothing was paid a second time.",
        { Payment: { Source: "sponsor" } } => "Done. A sponsor has paid for it.",
        { Payment: { AmountCents: { Micros: > 0 } paid } } => $"Done. It has cost {Money.FormatCents(paid.Micros)} cents.",
        _ => "Done. It has cost nothing.",
    };

    private async Task<Reply> Standing(AgentCall call, NoFields _) => (await sessions.Consents(call.Caller, new(0, ConsentsShown), call.Cancel)).Reply(found =>
    {
        var (flow, session) = (found.Flow, found.Flow.Session);
        return Reply.Ok(new GptStatusData(
            session.UserId, new(session.Budget.SpentMicros), new(session.Budget.ReservedMicros), new(flow.RemainingMicros), session.ExpiresAt,
            [.. found.Rows.Select(ConsentData.Of)], found.Total.Number, [.. session.Runs.Select(RunSummaryData.Of)],
            call.Said($"Spent in this session: {Money.FormatCents(session.Budget.SpentMicros)} cents. Left: {Money.FormatCents(flow.RemainingMicros)} cents."))) with
        {
            UntrustedFields = ["data.consents[].type"],
        };
    });
}
