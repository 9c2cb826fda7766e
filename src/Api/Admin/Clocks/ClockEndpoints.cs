using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Admin.Clocks;

/// <summary>The clock of a tenant for tests, and its beginning anew.</summary>
internal sealed class ClockEndpoints(IEntities entities, TenantTimes times, ClockAlarms alarms) : IFeature
{
    private const string Example = """{"mode":"test","tenant":"default","generation":1,"now":"2030-01-02T00:00:00.000000Z","offset_seconds":86400,"alarms_rung":null,"alarms_left":null}""";

    public static readonly Operation<NoFields> Get = new(Audience.Operators, "get_test_clock", "GET /test/clock", "What time it is in the test tenant")
    {
        OfTests = true,
        Read = NoFields.Read,
        Data = typeof(ClockData),
        Codes = [Codes.TestOnly],
        DataExample = Example,
    };

    public static readonly Operation<(int? Seconds, DateTimeOffset? To)> Advance = new(Audience.Operators, "advance_test_clock", "POST /test/clock", "Advance the test tenant's clock, and ring what is due by then")
    {
        OfTests = true,
        Read = ReadAdvance,
        Data = typeof(ClockData),
        Codes = [Codes.TestOnly, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"advance_seconds":86400}""",
        DataExample = """{"mode":"test","tenant":"default","generation":1,"now":"2030-01-02T00:00:00.000000Z","offset_seconds":86400,"alarms_rung":3,"alarms_left":0}""",
    };

    public static readonly Operation<string?> Reset = new(Audience.Operators, "reset_test_tenant", "POST /test/reset", "Begin the test tenant anew, with nothing in it: the next generation")
    {
        OfTests = true,
        Least = Core.Access.Role.Admin,
        Read = static call => call.Body.Text("confirm", "The tenant's name, as the reply to GET /test/clock has it.", Limits.TenantLength),
        Data = typeof(ClockData),
        Codes = [Codes.TestOnly, Codes.ValidationFailed, Codes.RateLimited, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"confirm":"default"}""",
        DataExample = """{"mode":"test","tenant":"default","generation":2,"now":"2030-01-01T00:00:00.000000Z","offset_seconds":0,"alarms_rung":null,"alarms_left":null}""",
    };

    public void Map(Routes routes) => routes.Map(Get, Look).Map(Advance, Forward).Map(Reset, BeginAnew);

    private static (int? Seconds, DateTimeOffset? To) ReadAdvance(Call call)
    {
        var seconds = call.Body.Integer("advance_seconds", "So much later. Either this or to.", 1, (int)Limits.ClockStepMost.TotalSeconds, absent: null);
        var to = call.Body.Time("to", "The tenant's time that it shall be.");
        call.Body.Rule(static schema => schema["oneOf"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"required":["advance_seconds"]},{"required":["to"]}]"""));
        if (call.Body.IsPresent("advance_seconds") == call.Body.IsPresent("to"))
        {
            call.Findings.Violate("", "oneOf", "Either advance_seconds or to is wanted.");
        }

        return (seconds, to);
    }

    private async Task<Reply> Look(OperatorCall call, NoFields _)
    {
        var answer = await entities.In(call.Tenant).Clock.Send(new ClockCommand.Get(), Commands.Fresh(times.World));
        return Reply.Ok(ClockData.Of(call.Tenant, answer.As<ClockView>(), times));
    }

    private Task<Reply> Forward(OperatorCall call, (int? Seconds, DateTimeOffset? To) asked) => Send(
        call, new ClockCommand.Advance(asked.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, asked.To), async (tenant, data) =>
        {
            var (rung, left) = await alarms.Ring(tenant, call.Cancel);
            return data with { AlarmsRung = rung, AlarmsLeft = left };
        });

    private Task<Reply> BeginAnew(OperatorCall call, string? confirm) => confirm == call.Tenant.Live
        ? Send(call, new ClockCommand.Reset(), static (_, data) => Task.FromResult(data))
        : Task.FromResult(Reply.Refused(Findings.Invalid("/confirm", "const", $"Whoever means to leave all behind that there is says so: the tenant is called {call.Tenant.Live}.")));

    // The clock stands in a generation of its own, so what a key means there outlives this one.
    private async Task<Reply> Send(OperatorCall call, ClockCommand command, Func<Tenant, ClockData, Task<ClockData>> then)
    {
        var answer = await entities.In(call.Tenant).Clock.Send(command, call.ContextIn(call.Tenant.Test, times.World));
        if (answer.Rejection is { } refusal) return Reply.Refused(refusal);

        var view = answer.As<ClockView>();
        await times.Heard(call.Tenant, view);
        return Reply.Ok(await then(call.Tenant.Of(view.Generation), ClockData.Of(call.Tenant, view, times))) with { Replayed = answer.Replayed };
    }
}

/// <param name="Mode">test.</param>
/// <param name="Tenant">The one that it stands beside.</param>
/// <param name="AlarmsRung">Of an advance.</param>
/// <param name="AlarmsLeft">Of an advance: due, and yet to ring, which they do within seconds.</param>
internal sealed record ClockData(string Mode, string Tenant, int Generation, DateTimeOffset Now, long OffsetSeconds, int? AlarmsRung = null, int? AlarmsLeft = null)
{
    public static ClockData Of(Tenant tenant, ClockView view, TenantTimes times) => new(
        TestMode.Test, tenant.Live, view.Generation, times.World.GetUtcNow() + view.Offset, (long)view.Offset.TotalSeconds);
}
