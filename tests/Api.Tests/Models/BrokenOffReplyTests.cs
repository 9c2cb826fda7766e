using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Users;
using Agora.Models;
using Agora.ScriptedModels;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Models;

/// <summary>A reply whose maker is gone: what of it is durable says whether it is whole.</summary>
public sealed class BrokenOffReplyTests
{
    private const string Asked = """{"model":"m","input":"Say something.","stream":true,"background":true}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_was_paid_and_has_its_last_event_is_whole(bool stream)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var session = await world.Open(user: "ann");
        var run = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Expect(200).Run;
        await Said(world, session, run, new ModelEvent.Began(0, new Item.Message(Role.Assistant, [])), new ModelEvent.TextAdded(0, "All of it."), new ModelEvent.Completed(0));

        Assert.Contains("in_progress", await Read(world, session, run, ""), StringComparison.Ordinal);
        await Said(world, session, run, new ModelEvent.Ended(Finish.Stop));
        var told = await Read(world, session, run, stream ? "?stream=true" : "");

        Assert.Contains("All of it.", told, StringComparison.Ordinal);
        Assert.Contains(stream ? "event: response.completed" : "\"status\":\"completed\"", told, StringComparison.Ordinal);
        Assert.Equal(told, await Read(world, session, run, stream ? "?stream=true" : ""));
    }

    [Fact]
    public async Task A_reply_in_the_background_is_kept_before_it_is_paid()
    {
        var store = new HookedJournal(new Agora.Journal.Memory.MemoryJournal(TimeProvider.System));
        var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var world = await ModelWorld.Start(new() { Choose = Chosen }, store: store);
        await world.PutModel("m", "openai");
        var session = await world.Open(user: "ann");

        var id = (await world.Door.Ask(session, "responses", """{"model":"m","input":"Say something.","background":true}""")).Expect(200).Json.GetProperty("id").GetString()!;
        await reached.Task;
        await Task.Delay(300);
        var kept = await store.Read(Assert.Single(await store.Streams("default/response/", null, 100, CancellationToken.None)), 0, 100, CancellationToken.None);
        gate.SetResult();

        Assert.Equal(2, kept.Count); // begun, and said
        Assert.NotEmpty(id);

        Reply Chosen(Asked asked)
        {
            store.Before = () =>
            {
                reached.TrySetResult();
                return gate.Task;
            };
            return new Reply();
        }
    }

    [Theory]
    [InlineData(401)]
    [InlineData(503)]
    [InlineData(400)]
    public async Task One_that_failed_says_the_same_whole_and_as_a_stream(int status)
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(new Fault.Status(status))] });
        await world.PutModel("m", "openai");
        var session = await world.Open(user: "ann");
        var id = (await world.Door.Ask(session, "responses", """{"model":"m","input":"Say something.","background":true}""")).Expect(200).Json.GetProperty("id").GetString()!;
        var run = Guid.ParseExact(id["resp_".Length..], "N");

        var streamed = await Read(world, session, run, "?stream=true");
        var whole = JsonDocument.Parse(await Read(world, session, run, "")).RootElement;

        Assert.Equal("failed", whole.GetProperty("status").GetString());
        Assert.Contains(whole.GetProperty("error").GetRawText(), streamed, StringComparison.Ordinal);
    }

    /// <summary>As whoever made it would have written it before it went.</summary>
    private static async Task Said(ModelWorld world, ModelSession session, Guid run, params ModelEvent[] said)
    {
        var response = world.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Response(OwnedIds.Of(run, "ann"));
        var begun = (ResponseView)(await response.Send(new ResponseCommand.Begin(session.Id, "agent-1", "m", DateTimeOffset.UtcNow, new(Encoding.UTF8.GetBytes(Asked))), new(Guid.CreateVersion7()))).Reply!;
        await response.Send(new ResponseCommand.Say(begun.Parts, new(ModelEvents.Write(said))), new(Guid.CreateVersion7()));
    }

    private static Task<string> Read(ModelWorld world, ModelSession session, Guid run, string query) => world.Door.Get(session, $"/openai/v1/responses/resp_{run:N}{query}");
}
