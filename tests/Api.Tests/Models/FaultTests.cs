using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Agora.Providers;
using Agora.ScriptedModels;
using Agora.Testing;

namespace Agora.Api.Tests.Models;

/// <summary>
/// Whatever a provider does, nothing stays held, and what is spent is one of three: nothing where it certainly cost nothing, what the provider counted where it said so, and else the bound, marked as an estimate.
/// </summary>
public sealed class FaultTests
{
    private enum Ends
    {
        Nothing = 1,
        Counted = 2,
        Bound = 3,
    }

    private static readonly IReadOnlyDictionary<string, (Fault? Fault, Func<string, bool, Ends> Ends)> Table = new Dictionary<string, (Fault?, Func<string, bool, Ends>)>
    {
        ["none"] = (null, Always(Ends.Counted)),
        ["refused connection"] = (null, Always(Ends.Nothing)),
        ["closed before the status line"] = (new Fault.CloseBeforeStatus(), Always(Ends.Bound)),
        ["400"] = (new Fault.Status(400), Always(Ends.Nothing)),
        ["401"] = (new Fault.Status(401), Always(Ends.Nothing)),
        ["403"] = (new Fault.Status(403), Always(Ends.Nothing)),
        ["404"] = (new Fault.Status(404), Always(Ends.Nothing)),
        ["413"] = (new Fault.Status(413), Always(Ends.Nothing)),
        ["429"] = (new Fault.Status(429), Always(Ends.Nothing)),
        ["500"] = (new Fault.Status(500), Always(Ends.Nothing)),
        ["502"] = (new Fault.Status(502), Always(Ends.Nothing)),
        ["503"] = (new Fault.Status(503), Always(Ends.Nothing)),
        ["529"] = (new Fault.Status(529), Always(Ends.Nothing)),

        // A gateway gave up waiting, or sends elsewhere: nobody says that the model was not run.
        ["408"] = (new Fault.Status(408), Always(Ends.Bound)),
        ["504"] = (new Fault.Status(504), Always(Ends.Bound)),
        ["520"] = (new Fault.Status(520), Always(Ends.Bound)),
        ["524"] = (new Fault.Status(524), Always(Ends.Bound)),
        ["redirect"] = (new Fault.Redirect(new("http://127.0.0.1:9/v1/elsewhere")), Always(Ends.Bound)),
        // Of a stream its usage is read on its own, behind the event that cannot be read.
        ["malformed body"] = (new Fault.MalformedChunk(0), static (_, stream) => stream ? Ends.Counted : Ends.Bound),
        ["cut in the middle"] = (new Fault.Close(300), Always(Ends.Bound)),
        ["reset"] = (new Fault.Reset(300), Always(Ends.Bound)),
        ["reset behind the head"] = (new Fault.Reset(0), Always(Ends.Bound)),
        ["clean end in the middle"] = (new Fault.EndEarly(1), Always(Ends.Bound)),

        // Behind the usage nothing that costs can come, where the usage stands before the last event.
        ["clean end without the terminal event"] = (new Fault.EndEarly(), static (wire, stream) => stream && (wire is "openai_chat" or "compatible" or "anthropic") ? Ends.Counted : Ends.Bound),
        ["error event in mid-stream"] = (new Fault.ErrorEvent(1), static (_, stream) => stream ? Ends.Bound : Ends.Nothing),
        ["error event with its usage"] = (new Fault.ErrorEvent(1, Tells: true), static (wire, stream) => !stream ? Ends.Nothing : wire == "anthropic" ? Ends.Bound : Ends.Counted),
        ["texts that are numbers"] = (new Fault.TextsAsNumbers(), Always(Ends.Counted)),
        ["usage missing"] = (new Fault.Usage(UsageFault.Missing), Always(Ends.Bound)),
        ["usage negative"] = (new Fault.Usage(UsageFault.Negative), Always(Ends.Bound)),
        ["usage huge"] = (new Fault.Usage(UsageFault.Huge), Always(Ends.Bound)),
        ["usage beyond 64 bits"] = (new Fault.Usage(UsageFault.Beyond), Always(Ends.Bound)),
        ["usage of strings"] = (new Fault.Usage(UsageFault.Strings), Always(Ends.Bound)),
        ["usage of fractions"] = (new Fault.Usage(UsageFault.Fractions), Always(Ends.Bound)),
        ["usage twice"] = (new Fault.Usage(UsageFault.Twice), Always(Ends.Counted)),

        // OpenAI says its last event once: a second one is not read.
        ["usage behind the end"] = (new Fault.Usage(UsageFault.Late), static (wire, stream) => stream && wire == "openai" ? Ends.Bound : Ends.Counted),
        ["usage with the end"] = (new Fault.Usage(UsageFault.WithFinish), Always(Ends.Counted)),
        ["a page instead of events"] = (new Fault.ContentType("text/html"), static (_, stream) => stream ? Ends.Bound : Ends.Counted),
    };

    public static TheoryData<string> Faults => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_stays_held_and_what_is_spent_is_nothing_what_was_counted_or_the_bound(string name)
    {
        var (fault, ends) = Table[name];
        await using var world = await ModelWorld.Start(
            new() { Reply = Reply.OfTokens(120), Faults = fault is null ? [] : [FaultRule.Always(fault)] }, url: name == "refused connection" ? Nobody() : null);
        await Task.WhenAll(ModelWorld.Wires.SelectMany((wire, i) => new[] { Ask(i, wire, false), Ask(i + 1, wire, true) }));

        async Task Ask(int turn, string wire, bool stream)
        {
            var (model, dialect) = ($"{wire}-{(stream ? "streamed" : "whole")}", ModelDoorClient.Dialects[turn % 3]);
            await world.PutModel(model, wire);
            (await world.Api.Client.Admin(HttpMethod.Put, $"/admin/users/user-of-{model}", """{"daily_cap_cents":1000}""")).Expect(200);
            var session = await world.Open(user: $"user-of-{model}");

            var told = await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, model, stream: stream));

            var (wanted, budget) = (ends(wire, stream), await world.Budget(session));
            var called = (await world.Concluded(session, told.Run)).Model!;
            var expected = wanted switch
            {
                Ends.Nothing => 0,
                Ends.Bound => told.HeldMicros,
                _ => ModelWorld.Cost((await world.Truth(model)).Counts),
            };
            Assert.True((expected, 0L) == budget, $"{model} by {dialect}: {budget} instead of {expected} ({wanted}) of {told.HeldMicros}: {told.Status} {told.Text}");
            Assert.True(wanted != Ends.Bound || told.Status == 200 || told.Header("x-should-retry") == "false", $"{model} may have cost, and its client is told to send it again: {told.Text}");
            await world.NothingIsHeld(session);
            Assert.True((wanted == Ends.Bound) == called.IsEstimate, $"{model}: {called}");
            Assert.True(wanted != Ends.Counted || called.Usage == ModelWorld.Usage((await world.Truth(model)).Counts), $"{model}: {called}");
            var run = (await world.Api.Client.Get($"/agent/runs/{told.Run:D}", session.Token)).Expect(200).Data;
            var isFailed = called.FailureCode is not null;
            Assert.True((isFailed ? "failed" : "succeeded") == run.GetProperty("state").GetString() && isFailed == (run.GetProperty("failure").ValueKind == JsonValueKind.Object), $"{model}: {run}");
            Assert.True(isFailed || (told.Status == 200 && !told.Text.Contains("\"error\":{", StringComparison.Ordinal)), $"{model} succeeded behind an error: {told.Text}");
            Assert.True(wanted != Ends.Nothing || (told.Status >= 400 && told.Error.GetProperty("message").GetString()!.Length > 0), $"{model}: {told.Status} {told.Text}");
        }
    }

    [Theory]
    [InlineData("refuses", 500)]
    [InlineData("lacks the model", 404)]
    [InlineData("closes", 0)]
    [InlineData("cannot be read", 0)]
    public async Task A_provider_that_fails_is_502_upstream_failed_in_each_dialect(string how, int status)
    {
        Fault fault = how switch { "closes" => new Fault.CloseBeforeStatus(), "cannot be read" => new Fault.TextsAsNumbers(), _ => new Fault.Status(status) };
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(120), Faults = [FaultRule.Always(fault)] });
        await world.PutModel("m", "compatible");
        var session = await world.Open();
        foreach (var (dialect, type) in new[] { ("chat", "server_error"), ("responses", "server_error"), ("messages", "api_error") })
        {
            var told = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "m"))).Refused(502, "upstream_failed");

            Assert.Equal(type, told.Error.GetProperty("type").GetString());
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_provider_that_hangs_is_waited_for_only_so_long_and_then_the_bound_is_posted(bool beforeHeaders, bool stream)
    {
        var time = new SimTimeProvider();
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(120), Faults = [FaultRule.Always(beforeHeaders ? new Fault.HangBeforeHeaders() : new Fault.HangAfter(1))] }, time);
        foreach (var wire in ModelWorld.Wires)
        {
            await world.PutModel(wire, wire);
            var session = await world.Open();
            var asking = world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", wire, stream: stream));
            while (!asking.IsCompleted)
            {
                await Task.WhenAny(asking, Task.Delay(20));
                if (world.Upstream.Requests > 0)
                {
                    time.Advance(TimeSpan.FromMinutes(1));
                }
            }

            var told = await asking;
            Assert.Equal((told.HeldMicros, 0L), await world.Budget(session));
            Assert.True((await world.Concluded(session, told.Run)).Model!.IsEstimate);
        }

        Assert.Equal(5, world.Upstream.Requests);
    }

    [Fact]
    public async Task Usage_behind_the_end_is_waited_for_only_so_long_and_the_reply_is_whole()
    {
        var time = new SimTimeProvider();
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = "All of it.", Fault = new Fault.Usage(UsageFault.Awaited) } }, time);
        await world.PutModel("m", "google");
        var session = await world.Open();

        using var reply = await world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "m", stream: true));
        var reading = reply.Content.ReadAsStringAsync();
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!reading.IsCompleted)
        {
            await Task.WhenAny(reading, Task.Delay(20, late.Token));
            late.Token.ThrowIfCancellationRequested();
            if (time.NextDue - time.Elapsed <= ProviderLimits.UsageWait)
            {
                time.Advance(ProviderLimits.UsageWait);
            }
        }

        var text = await reading;
        Assert.True(text.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal) && !text.Contains("error", StringComparison.Ordinal), text);
        Assert.Equal((ModelWorld.Micros(reply.Headers.GetValues("Agora-Held-Cents").Single()), 0L), await world.Budget(session));
    }

    [Fact]
    public async Task A_stream_without_end_is_read_so_far_and_no_further_and_the_bound_is_posted()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(new Fault.Endless())] });
        await world.PutModel("endless", "openai");
        var session = await world.Open();

        using var reply = await world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "endless", stream: true));
        await (await reply.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);

        Assert.Equal((ModelWorld.Micros(reply.Headers.GetValues("Agora-Held-Cents").Single()), 0L), await world.Budget(session));
    }

    private static Func<string, bool, Ends> Always(Ends ends) => (_, _) => ends;

    /// <summary>An address at which nobody listens.</summary>
    private static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
