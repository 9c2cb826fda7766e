using System.Diagnostics;
using System.Text;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Http;

/// <summary>A long body is held until its request is answered, and so long it has a place in the memory.</summary>
public sealed class HeldBodyTests
{
    private const string Run = "/agent/services/summary/run";
    private static readonly string LongInput = $$$"""{"input":{"text":"{{{new string('a', 4 * Limits.SmallBodyBytes)}}}"}}""";

    [Theory]
    [InlineData("wait=60", 200)]
    [InlineData("respond-async", 202)]
    public async Task The_long_input_of_a_run_has_its_place_until_the_service_has_answered(string prefer, int status)
    {
        await using var api = await RunningApi.Start(runWait: Hang.Timeout);
        var (called, outcome) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<StepOutcome>());
        api.Service.Answers = _ =>
        {
            called.TrySetResult();
            return outcome.Task;
        };
        var token = await api.Client.OpenReady();
        var bodies = api.Services.GetRequiredService<BodyPlaces>();

        var asked = api.Client.Post(Run, token, LongInput, ("Prefer", prefer));
        await called.Task.WaitAsync(Hang.Timeout);
        if (status == 202)
        {
            (await asked).Expect(202);
        }

        Assert.Null(All(bodies));
        outcome.SetResult(new ServiceOutcome.Output("""{"summary":"Short."}"""u8.ToArray(), 1));
        (await asked).Expect(status);
        for (var since = Stopwatch.StartNew(); since.Elapsed < Hang.Timeout; (await api.Client.Get("/agent/runs", token)).Expect(200))
        {
            using var all = All(bodies);
            if (all is not null) return;
        }

        Assert.Fail("The place is not given back.");
    }

    [Fact]
    public async Task A_body_that_needs_more_memory_than_there_is_when_it_is_parsed_is_refused()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var bodies = api.Services.GetRequiredService<BodyPlaces>();
        var values = $$$"""{"input":{"text":[0{{{string.Concat(Enumerable.Repeat(",0", 20_000))}}}]}}""";
        using var others = bodies.Begin(new(Tenant.Default.Name), Limits.LongBodyBytesOfTenant - (2 * values.Length));

        var refused = (await api.Client.Post(Run, token, values)).Expect(503);
        (await api.Client.Post(Run, token, $$$"""{"input":{"text":"{{{new string('a', values.Length - 24)}}}"}}""")).Expect(200);
        others!.Dispose();
        (await api.Client.Post(Run, token, values)).Expect(422);

        Assert.Equal("5", refused.Header("Retry-After"));
    }

    /// <summary>Doors for models and MCP parse what they were sent by themselves.</summary>
    [Theory]
    [InlineData("/openai/v1/chat/completions", """{"model":"m","messages":[0{0}]}""", 400)]
    [InlineData("/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"flow_status","arguments":{"a":[0{0}]}}}""", 200)]
    public async Task A_door_refuses_what_needs_more_memory_than_there_is_when_it_is_parsed(string path, string body, int otherwise)
    {
        await using var world = await ModelWorld.Start();
        var session = await world.Open();
        var bodies = world.Api.Services.GetRequiredService<BodyPlaces>();
        var values = body.Replace("{0}", string.Concat(Enumerable.Repeat(",0", 20_000)), StringComparison.Ordinal);
        var others = bodies.Begin(new(Tenant.Default.Name), Limits.LongBodyBytesOfTenant - (2 * values.Length));

        var refused = await Send();
        others!.Dispose();
        var answered = await Send();

        Assert.Equal((503, otherwise), (refused, answered));

        async Task<int> Send()
        {
            using var http = new HttpClient { BaseAddress = world.Api.Client.Address };
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(values, Encoding.UTF8, "application/json"), Headers = { Authorization = new("Bearer", session.Token) } };
            request.Headers.Accept.ParseAdd("application/json, text/event-stream");
            using var answer = await http.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    /// <summary>One message has more bytes in memory than an item of a list.</summary>
    [Fact]
    public void Of_a_list_no_more_messages_are_made_than_show_that_they_are_too_many()
    {
        var list = Encoding.UTF8.GetBytes($"[0{string.Concat(Enumerable.Repeat(",0", 10 * TalkLimits.AppendedAtOnce))}]");

        Assert.Equal(TalkLimits.AppendedAtOnce + 1, Agora.Streams.StreamContent.Messages("application/json", list, new()).Count);
    }

    /// <returns>Null: somebody of the tenant has a place.</returns>
    private static FairPlaces.Place? All(BodyPlaces bodies) => bodies.Begin(new(Tenant.Default.Name), Limits.LongBodyBytesOfTenant);
}
