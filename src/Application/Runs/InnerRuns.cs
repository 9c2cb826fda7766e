using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Application.Runs;

/// <summary>What something of ours has a service do, beside what its agent asks for: held, paid and refused as a run of the session's, with a bill of its own, and no request of its own.</summary>
internal sealed class InnerRuns(AgentRuns runs, SessionCalls sessions, Catalogues catalogues, SchemaCache schemas, IJournalReader journal, TimeProvider time)
{
    /// <summary>For its outcome, when it was taken back.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static readonly Rejection Late = new(Codes.UpstreamTimeout, "The service had not answered in time, and was waited for no longer.");
    private static readonly Rejection OutOfScope = new(Codes.ScopeViolation, "The session's scopes do not allow the service's category, and it was not asked.");
    private static readonly Rejection IsAgent = new(Codes.NotEligible, "The service is an agent, which answers when it likes and cannot be taken back: it is not asked here.");
    private static readonly Rejection NeedsApproval = new(Codes.NotEligible, "The run needs the user's approval, and nobody waits for that here.");
    private static readonly Rejection NotKnown = new(Codes.Unavailable, "What came of the run is not known here.");

    /// <param name="attempt">The place of its id among those of the request, whose other commands have others: a repeat of the request asks for the same run, which is paid once.</param>
    /// <param name="patience">What is not there by then is taken back.</param>
    public async Task<InnerRun> Run(AgentCaller caller, SessionView session, string serviceId, JsonElement input, long? maxPriceMicros, int attempt, TimeSpan patience)
    {
        var service = catalogues.In(caller.Tenant).Active(serviceId);
        // It would count as an attempt of the agent's, which has not asked.
        if (service is not null && !session.Scopes.AdmitsCategory(service.Definition.Category)) return new(OutOfScope);
        if (service is { Definition.IsAsked: true }) return new(IsAgent);
        if (service?.Definition.InputSchema is { } schema && schemas.Violations(schema, input, "/input") is { Count: > 0 } wrong)
        {
            return new(new Rejection(Codes.ValidationFailed, $"The service does not take this. {wrong[0].Message}"));
        }

        var ours = caller with { Request = caller.Request with { IsOurs = true } };
        var context = sessions.ContextOf(caller, attempt);
        var command = await runs.Command(ours, service, new(serviceId, input, CampaignId: null, maxPriceMicros, PayWith: null), payment: null) with { InputHash = "", Keyed = true };
        return await Outcome(
            context.CommandId,
            () => sessions.Of(ours).Send(command, context),
            () => sessions.Ask(ours, new RunCommand.Cancel(context.CommandId, ours.Request)),
            () => journal.Recorded(caller.Tenant, context.CommandId, CancellationToken.None),
            patience,
            time);
    }

    /// <summary>What came of a run, or that it was waited for in vain, and taken back.</summary>
    /// <param name="recorded">Of one that is long over: its output stands in the journal alone.</param>
    internal static async Task<InnerRun> Outcome(Guid runId, Func<Task<Answer>> run, Func<Task<Answer>> cancel, Func<Task<RecordedRun?>> recorded, TimeSpan patience, TimeProvider time)
    {
        try
        {
            var outcome = run();
            var isThere = await IsThere(outcome, patience, time);
            if (!isThere || (await outcome).Reply is RunView { State: RunState.AwaitingApproval })
            {
                await cancel();
                if (isThere) return new(NeedsApproval);
                if (!await IsThere(outcome, Grace, time)) return new(Late, runId);
            }

            return await Of(runId, await outcome, recorded);
        }
        catch (OperatingException)
        {
            return new(NotKnown, runId);
        }
    }

    private static async Task<InnerRun> Of(Guid runId, Answer outcome, Func<Task<RecordedRun?>> recorded)
    {
        if (outcome.Rejection is { } refused) return new(refused.Code == Codes.RunCancelled ? Late : refused, runId);

        var output = outcome.Reply is RunView run ? run.Output : (await recorded())?.End is RunEvent.Concluded { Posted: true } over ? over.Output : null;
        return output is null ? new(NotKnown, runId) : new(null, runId, output);
    }

    private static async Task<bool> IsThere(Task<Answer> outcome, TimeSpan within, TimeProvider time)
    {
        if (await Task.WhenAny(outcome, Task.Delay(within, time)) == outcome) return true;

        _ = outcome.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return false;
    }
}

/// <param name="Refused">Why there is no output; null: there is.</param>
/// <param name="RunId">Null: none was asked for. Where it is refused it may never have been begun, or be begun yet by what was sent and came late.</param>
internal sealed record InnerRun(Rejection? Refused, Guid? RunId = null, Personal? Output = null);
