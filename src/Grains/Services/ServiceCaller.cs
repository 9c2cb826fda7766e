using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Unicode;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Clocks;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Upstreams;
using Agora.JsonSchema;
using Agora.Outbound;
using Microsoft.Extensions.Logging;

namespace Agora.Grains.Services;

/// <summary>
/// Calls services for runs: looks up endpoint and credential, sends the input, validates the output against its schema. A
/// service's error text is never passed on; a tool's is, marked as its own words. Failed runs in a row disable the service (<see cref="FailureStreak"/>); what it says of an input is no
/// failure of its own.
/// </summary>
/// <param name="tools">Has tools of upstreams run, which are services too; null: none is run here.</param>
/// <param name="agents">Asks agents, which are services too; null: none is asked here.</param>
/// <param name="skills">Asks whichever agent offers a skill; null: none is asked here.</param>
/// <param name="bytes">The places for the bytes of large outputs; null for those of the process.</param>
public sealed class ServiceCaller(IEntities entities, IOutbound outbound, TenantTimes times, ILogger<ServiceCaller> log, ToolCaller? tools = null, AgentCaller? agents = null, SkillCaller? skills = null, FairPlaces? bytes = null) : IServiceCaller
{
    private readonly TimeProvider _time = times.World;
    private readonly FairPlaces _bytes = bytes ?? HeldBytes.Places;

    /// <summary>A change of endpoint, secret or schema is followed within this time, where the service's grain can be reached.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>An outcome that is this much later than its deadline: the process itself stood still meanwhile.</summary>
    private static readonly TimeSpan LateBy = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<StreamId, Known> _known = new();

    /// <summary>Of runs whose service is being called here.</summary>
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _calling = new();

    public async Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace)
    {
        var asked = _time.GetTimestamp();
        Known? known;
        try
        {
            known = await Find(tenant.Service(call.ServiceId), call.RunId, call.Deadline / 2, asItIsNow: call.IsTry);
        }
        catch (Exception e) when (IsOutOfReach(e))
        {
            log.ServiceOutOfReach(call.ServiceId, call.RunId, e);
            return new ServiceOutcome.NotCalled();
        }

        if (known is null) return new ServiceOutcome.CallFailed(Codes.Unavailable, "The service is not known.", 0);

        call = call with { Deadline = call.Deadline - _time.GetElapsedTime(asked) };
        if (call.Deadline <= TimeSpan.Zero) return new ServiceOutcome.NotCalled(); // this process stood still meanwhile: nothing was sent, and no time is left to send it

        var started = _time.GetTimestamp();
        using var room = new OutputRoom(_bytes, call.SessionId.Length == 0 ? new(tenant.Name) : new(tenant.Name, call.UserId, call.SessionId));
        OutboundResult? result;
        try
        {
            result = tenant.IsTest && !known.Definition.IsAsked ? await Answered(known, call) : await Called(known, call, trace, room);
        }
        catch (Exception e) when (known.Definition.Tool is not null && IsOutOfReach(e))
        {
            log.ServiceOutOfReach(call.ServiceId, call.RunId, e); // its upstream's stream could not be asked: nothing was sent
            return new ServiceOutcome.NotCalled();
        }

        if (result is null) return Unanswered(known.Service.Id);

        var outcome = await Outcome(known, call, result);
        if (call.IsTry && outcome is ServiceOutcome tried) return tried with { TookMs = (int)_time.GetElapsedTime(started).TotalMilliseconds };
        if (outcome is ServiceOutcome.NotCalled) return outcome;

        RunMetrics.Count(outcome);
        if (_time.GetElapsedTime(started) <= call.Deadline + LateBy)
        {
            // Else it says nothing of the service: a process that was paused would disable every one that it was calling.
            await Count(known, call, result, outcome);
        }

        return outcome is ServiceOutcome.Output output ? output with { DefinedAt = known.DefinedAt, Room = room.Keep(output.Body.Length) } : outcome;
    }

    private static ServiceOutcome.CallFailed Unanswered(string id) =>
        new(Codes.UpstreamFailed, $"In test mode a service answers from examples, and none of {id} fits this input: PUT /test/services/{id}/answers.", 0);

    private async Task<OutboundResult?> Answered(Known known, ServiceCall call)
    {
        var unwanted = _calling[call.RunId] = new();
        try
        {
            return await TestedService.Answer(known.Definition, known.Answers, call, _time, unwanted.Token);
        }
        finally
        {
            _calling.TryRemove(KeyValuePair.Create(call.RunId, unwanted));
        }
    }

    public async Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace)
    {
        if (_calling.TryGetValue(cancelled.RunId, out var unwanted))
        {
            await unwanted.CancelAsync();
        }

        try
        {
            if (!tenant.IsTest && await Find(tenant.Service(cancelled.ServiceId), cancelled.RunId, Limits.TellCancelled) is { Definition: { Tool: null, IsAsked: false } } known)
            {
                await outbound.Call(TakingBack(known, cancelled, trace), CancellationToken.None);
            }
        }
        catch (Exception e) when (IsOutOfReach(e))
        {
            log.CancelNotTold(cancelled.ServiceId, cancelled.RunId, e);
        }
    }

    // With a breaker of its own: a service that does not know DELETE is well.
    private static OutboundCall TakingBack(Known known, ServiceCancel cancelled, string? trace) => new()
    {
        ServiceId = $"{known.BreakerName}#cancel",
        Endpoint = new Uri(known.Definition.Endpoint),
        Body = null,
        TakesBack = true,
        IdempotencyKey = cancelled.RunId.ToString("D"),
        Auth = known.Auth,
        Traceparent = trace,
        IsSigned = true,
        AttemptTimeout = Limits.TellCancelled,
        Deadline = Limits.TellCancelled,
    };

    private async Task<OutboundResult> Called(Known known, ServiceCall call, string? trace, OutputRoom room)
    {
        var unwanted = _calling[call.RunId] = new(); // has no timer and no handle to be disposed of, and may be cancelled when the call is over
        try
        {
            return await Send(known, call, trace, unwanted.Token, room);
        }
        finally
        {
            _calling.TryRemove(KeyValuePair.Create(call.RunId, unwanted));
        }
    }

    private Task<OutboundResult> Send(Known known, ServiceCall call, string? trace, CancellationToken unwanted, OutputRoom room)
    {
        var timeout = TimeSpan.FromMilliseconds(known.Definition.TimeoutMs);
        if (known.Definition.Tool is { } tool)
        {
            return tools is null ? Task.FromResult<OutboundResult>(new OutboundResult.Failed(OutboundFailure.Refused, null, 0)) : tools.Call(Tenant.Of(known.Service), tool, call, timeout, trace, unwanted, room.Enter);
        }

        if (known.Definition.Agent is { } agent)
        {
            return agents is null ? Task.FromResult<OutboundResult>(new OutboundResult.Failed(OutboundFailure.Refused, null, 0)) : agents.Call(Tenant.Of(known.Service), agent, call, timeout, trace, unwanted);
        }

        if (known.Definition.Skill is { } skill)
        {
            return skills is null ? Task.FromResult<OutboundResult>(new OutboundResult.Failed(OutboundFailure.Refused, null, 0)) : skills.Call(Tenant.Of(known.Service), skill, call, timeout, trace, unwanted);
        }

        return outbound.Call(
            new()
            {
                ServiceId = known.BreakerName,
                Endpoint = new Uri(known.Definition.Endpoint),
                Body = call.Body,
                Caller = new(call.UserId, call.AgentId, Tenant.Of(known.Service).Name),
                IsTry = call.IsTry,
                IdempotencyKey = call.RunId.ToString("D"),
                IsSigned = true,
                Auth = known.Auth,
                Traceparent = trace,
                AttemptTimeout = timeout < call.Deadline ? timeout : call.Deadline,
                Deadline = call.Deadline,
                MaxCost = call.HeldMicros is { } held ? Money.FormatCents(held) : null,
                Unwanted = unwanted,
                Room = room.Enter,
            },
            CancellationToken.None);
    }

    private async Task<StepOutcome> Outcome(Known known, ServiceCall call, OutboundResult result) => result switch
    {
        OutboundResult.Succeeded ok => await Checked(known, call, ok),
        OutboundResult.Failed { Kind: OutboundFailure.Timeout } f => new ServiceOutcome.CallFailed(Codes.UpstreamTimeout, "The service did not answer in time.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.NoRoom, Sent: 0 } f => new ServiceOutcome.CallFailed(
            Codes.Unavailable, "Too many calls to the service's server are under way here.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.NoRoom } f => new ServiceOutcome.CallFailed(
            Codes.Unavailable, "The service answered, but this server had no memory left for its output.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.BreakerOpen } f => new ServiceOutcome.CallFailed(
            Codes.Unavailable, "The service is failing and rests for a few seconds.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.Refused, Sent: 0 } f when known.Definition.Tool is not null => new ServiceOutcome.CallFailed(
            Codes.Unavailable, "The tool is not what an operator approved, or its server may not be called from here.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.Refused } f when known.Definition.Skill is { } skill => new ServiceOutcome.CallFailed(
            Codes.Unavailable, $"No agent that offers {skill} is online, or the session's allowed_peers name none of them.", f.Attempts),
        OutboundResult.Failed { Kind: OutboundFailure.Unsigned, Sent: 0 } => new ServiceOutcome.NotCalled(),
        OutboundResult.Failed f => new ServiceOutcome.CallFailed(Codes.UpstreamFailed, known.Definition switch { { IsAsked: true } => ReasonOfAgent(f), { Tool: not null } => ReasonOfTool(f), _ => RefusesInput(f) ? ReasonOfInput(f) : Reason(f) }, f.Attempts) { Said = f.Words, IsOfInput = IsOfInput(known, f) },
        _ => throw new System.Diagnostics.UnreachableException(result.GetType().Name),
    };

    private async Task<StepOutcome> Checked(Known known, ServiceCall call, OutboundResult.Succeeded ok)
    {
        if (!Utf8.IsValid(ok.Body.Span))
        {
            return Unreadable(ok); // the parser looks at the structure only: texts would be passed on as they are
        }

        try
        {
            using var output = JsonDocument.Parse(ok.Body, new() { MaxDepth = Limits.OutputDepth });
            return known.OutputSchema is { } schema && !schema.IsValid(output.RootElement)
                ? new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service's output does not satisfy its own output schema.", ok.Attempts)
                : call.HeldMicros is { } held ? await Metered(known, call, held, ok) : new ServiceOutcome.Output(ok.Body, ok.Attempts, ServedBy: ok.By);
        }
        catch (JsonException)
        {
            return Unreadable(ok);
        }
    }

    private static ServiceOutcome.CallFailed Unreadable(OutboundResult.Succeeded ok) => new(Codes.UpstreamFailed, "The service's output is not JSON.", ok.Attempts);

    // Nobody pays more than was held, so what was asked beyond it is only remembered, for operators.
    private async Task<StepOutcome> Metered(Known known, ServiceCall call, long held, OutboundResult.Succeeded ok)
    {
        if (ok.Cost is not { } text || !Money.TryParseCents(text, out var cost))
        {
            return new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service did not say in Agora-Cost-Cents what the run cost.", ok.Attempts);
        }

        if (cost > held && !call.IsTry)
        {
            log.ServiceOvercharged(call.ServiceId, call.RunId, Money.FormatCents(cost), Money.FormatCents(held));
            await Mark(known, call, cost, held);
        }

        return new ServiceOutcome.Output(ok.Body, ok.Attempts, Math.Min(cost, held));
    }

    // The run does not wait for its mark: the service's grain may be out of reach, and the outcome is due.
    private async Task Mark(Known known, ServiceCall call, long asked, long held)
    {
        try
        {
            await entities.Of<ServiceCommand>(known.Service).Send(new ServiceCommand.ReportOvercharge(call.RunId, asked, held), New(known.Service, call.RunId)).WaitAsync(FreshFor, _time);
        }
        catch (Exception e) when (IsOutOfReach(e))
        {
            log.OverchargeNotMarked(call.ServiceId, call.RunId, e);
        }
    }

    private static string Reason(OutboundResult.Failed failed) => failed.Kind switch
    {
        OutboundFailure.Refused => "The service's address may not be called from here: it is no public https address, and AGORA_OUTBOUND_ALLOW does not name it.",
        OutboundFailure.Connection or OutboundFailure.Tls => "No connection to the service could be made.",
        OutboundFailure.BadStatus => $"The service answered with status {failed.Status}.",
        OutboundFailure.Redirect => "The service answered with a redirect, which is not followed.",
        OutboundFailure.TooLarge => "The service's answer is too large.",
        _ => "The service's answer could not be used.",
    };

    private static string ReasonOfInput(OutboundResult.Failed failed) =>
        $"The service refused the input: it answered with status {failed.Status}. It would refuse the same input again: send another one.{(failed.Status == 404 ? " Where each input is answered so, its endpoint is wrong." : "")}";

    private static string ReasonOfTool(OutboundResult.Failed failed) => failed switch
    {
        { Kind: OutboundFailure.BadStatus, Status: 422 } => "The tool says that it failed, as it does where it cannot do anything with its input.",
        { Kind: OutboundFailure.BadStatus, Status: 500 } => "The tool's server answered with an error.",
        { Kind: OutboundFailure.Connection, Sent: > 0 } => "The tool's server broke off before it had answered; whether the tool has run is not known.",
        _ => Reason(failed),
    };

    private static string ReasonOfAgent(OutboundResult.Failed failed) => failed switch
    {
        { Kind: OutboundFailure.Refused } => "No agent asks itself.",
        { Kind: OutboundFailure.TooLarge } => "The input is larger than a message.",
        { Kind: OutboundFailure.BadStatus, Status: 422 } => "The agent says that it does not do it.",
        { Kind: OutboundFailure.BadStatus, Status: 429 } => "More waits for the agent than it may keep waiting.",
        { Kind: OutboundFailure.BadStatus, Status: 403 } => "One of the two agents has blocked the other.",
        { Kind: OutboundFailure.BadStatus } => "The agent's conversations with the one that asks are closed.",
        _ => "The agent's reply could not be used.",
    };

    private async Task Count(Known known, ServiceCall call, OutboundResult result, StepOutcome outcome)
    {
        if (outcome is not ServiceOutcome.CallFailed failed)
        {
            known.Failures.Succeeded();
            return;
        }

        log.ServiceFailed(call.ServiceId, call.RunId, failed.Attempts, failed.Reason);
        if (IsItsOwn(known, result) && known.Failures.Failed(call.UserId, call.AgentId, times.Now(Tenant.Of(known.Service)) < known.TrialEnds))
        {
            try
            {
                await entities.Of<ServiceCommand>(known.Service).Send(new ServiceCommand.Disable(failed.Code), New(known.Service, call.RunId)).WaitAsync(FreshFor, _time);
                log.ServiceDisabled(known.Service.Id, failed.Code);
            }
            catch (Exception e) when (IsOutOfReach(e))
            {
                // The run's outcome is due; who fails next disables it.
                log.ServiceNotDisabled(known.Service.Id, e);
            }
        }
    }

    // Counts only a 4xx that no input causes. An open breaker repeats what was counted before. That no agent offers a skill to this session says nothing of the agents there are. A conversation refuses for reasons of its caller.
    private static bool IsItsOwn(Known known, OutboundResult result) => !(known.Definition.IsAsked && result is OutboundResult.Failed { Kind: OutboundFailure.BadStatus }) && !RefusesInput(result)
        && result is not OutboundResult.Failed { Kind: OutboundFailure.BreakerOpen or OutboundFailure.NoRoom } && (known.Definition.Skill is null || result is not OutboundResult.Failed { Kind: OutboundFailure.Refused });

    /// <summary>No input causes the other 4xx: our credential (401, 407), the method (405), time and load (408, 425, 429), the connection (421).</summary>
    public static bool RefusesInput(OutboundResult result) =>
        result is OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: >= 400 and < 500 and not (401 or 405 or 407 or 408 or 421 or 425 or 429) };

    /// <summary>The status of a tool or an agent is ours, and whether its input is at fault only its own words say.</summary>
    private static bool IsOfInput(Known known, OutboundResult result) => known.Definition is { Tool: null, IsAsked: false } && RefusesInput(result);

    // Its grain may be out of reach for a moment, as after the death of a silo. What was known of it last is used then; where that is nothing, it is asked
    // for again for half of the run's time, so that the service has the other half. No run whose money is held fails over that.
    private async ValueTask<Known?> Find(StreamId id, Guid runId, TimeSpan patience, bool asItIsNow = false)
    {
        // Whoever puts an answer for tests runs the service next, and whoever mends a service tries it.
        if (_known.TryGetValue(id, out var known) && _time.GetElapsedTime(known.ReadAt) < FreshFor && !asItIsNow && !Tenant.Of(id).IsTest)
        {
            return known;
        }

        var started = _time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var left = patience - _time.GetElapsedTime(started);
            try
            {
                return await Read(id, runId, known).WaitAsync(known is not null ? FreshFor : left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
            }
            catch (Exception e) when (known is not null && IsOutOfReach(e))
            {
                return known;
            }
            catch (OperatingException) when (pause < patience - _time.GetElapsedTime(started))
            {
                await Task.Delay(pause, _time);
            }
        }
    }

    private async Task<Known?> Read(StreamId id, Guid runId, Known? known)
    {
        var readAt = _time.GetTimestamp();
        var service = entities.Of<ServiceCommand>(id);
        var told = await Ask<ServiceSecret>(service, runId, new ServiceCommand.GetSecret());
        if ((told is { View: null } ? await InParts(service, runId) : told) is not { View: { } view } secret) return null;

        var fresh = known is not null && known.Definition == view.Definition && ReferenceEquals(known.Secret, secret.Secret)
            ? known with { DefinedAt = view.UpdatedAt, ReadAt = readAt, Answers = secret.Answers ?? [] }
            : new(id, view.Definition, view.UpdatedAt, secret.Secret, AuthOf(secret), SchemaOf(view.Definition), known?.Failures ?? new(), null, readAt) { Answers = secret.Answers ?? [] };
        if (fresh.RetryAt != view.RetryAt)
        {
            // Disabled, enabled again or put meanwhile: what failed before says nothing of it as it is.
            fresh = fresh with { Failures = new(), RetryAt = view.RetryAt };
        }

        _known[id] = fresh;
        return fresh;
    }

    // A silo of a release before 0.6.0 tells a secret without what it was put with. Each change has its time, so a view that is the same before and after was so in between.
    private async Task<ServiceSecret?> InParts(EntityRef<ServiceCommand> service, Guid runId)
    {
        if (await Ask<ServiceView>(service, runId, new ServiceCommand.Get()) is not { } before
            || await Ask<ServiceSecret>(service, runId, new ServiceCommand.GetSecret()) is not { } secret
            || await Ask<ServiceView>(service, runId, new ServiceCommand.Get()) is not { } after)
        {
            return null;
        }

        return before == after ? secret with { View = after } : throw new OperatingException(new(FailureKind.Conflict)); // it is asked for again
    }

    private async Task<T?> Ask<T>(EntityRef<ServiceCommand> service, Guid runId, ServiceCommand query)
        where T : class => (await service.Send(query, New(service.Stream, runId))).Reply as T;

    private static bool IsOutOfReach(Exception e) => e is OperatingException or TimeoutException;

    private CommandContext New(StreamId service, Guid runId) => new(Ids.Derive(times.Now(Tenant.Of(service)), runId, Interlocked.Increment(ref _sent)), IsStep: true);

    private int _sent;

    private static AuthHeader? AuthOf(ServiceSecret secret) =>
        secret is { Header: { } header, Secret: { } value } ? new(header, value.Read<string>()!) : null;

    private static Schema? SchemaOf(ServiceDefinition definition) =>
        definition.OutputSchema is { } text ? Schema.Compile(System.Text.Encoding.UTF8.GetBytes(text), new()).Schema : null;

    private sealed record Known(
        StreamId Service, ServiceDefinition Definition, DateTimeOffset DefinedAt, Personal? Secret, AuthHeader? Auth, Schema? OutputSchema, FailureStreak Failures, DateTimeOffset? RetryAt, long ReadAt)
    {
        /// <summary>Two tenants' services of one id are two: the failures of one open no breaker of the other.</summary>
        public string BreakerName { get; } = Tenant.Of(Service).IsDefault ? Service.Id : $"{Service.Tenant}/{Service.Id}";

        public IReadOnlyList<TestAnswer> Answers { get; init; } = [];

        public DateTimeOffset? TrialEnds => RetryAt + Limits.ServiceTrial;
    }
}
