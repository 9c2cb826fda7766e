using System.Net;
using System.Net.Sockets;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.ScriptedModels;
using CallPlaces = Agora.Application.Calls.CallPlaces;

namespace Agora.Api.Tests.Models;

/// <summary>What one small request brings into the memory is counted as what was sent is.</summary>
public sealed class MemoryTests
{
    private const int Large = 3 << 20;

    /// <summary>Bytes of a request's text, without what surrounds it.</summary>
    private const int Largest = Limits.ModelRequestBytes - 1_024;

    [Fact]
    public async Task What_requests_go_on_from_has_its_places_and_who_finds_none_is_told_so()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await ModelWorld.Start(new() { Choose = asked => asked.Number == 1 ? new Reply() : new Reply { Until = gate.Task } });
        await world.PutModel("m", "openai", maxPriceCents: "1000000");
        var session = await world.Open("1000000", user: "ann");
        var kept = (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "m", new string('a', Large)))).Expect(200).Json.GetProperty("id").GetString();

        // So many fit beside each other: the rest is told to come again, and asks nobody.
        var most = (int)(Limits.ModelRequestBytesOfSession / Large);
        var asking = Enumerable.Range(0, most + 3).Select(_ => world.Door.Ask(session, "responses", $$"""{"model":"m","input":"And?","max_output_tokens":16,"previous_response_id":"{{kept}}"}""")).ToList();
        for (var open = asking.ToList(); open.Count > most; open.RemoveAll(one => one.IsCompleted)) // counted and awaited as one
        {
            await Task.WhenAny(open).WaitAsync(Hang.Timeout);
        }

        var refused = await Task.WhenAll(asking.Where(one => one.IsCompleted));
        gate.SetResult();
        var told = await Task.WhenAll(asking);

        Assert.All(refused, one => one.Refused(503, "unavailable"));
        Assert.InRange(told.Count(one => one.Status == 200), most - 1, most);
        (await world.Door.Ask(session, "responses", $$"""{"model":"m","input":"And?","max_output_tokens":16,"previous_response_id":"{{kept}}"}""")).Expect(200);
    }

    [Fact]
    public async Task Who_reads_a_long_reply_has_a_place_until_it_is_read()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai", maxPriceCents: "1000000");
        var session = await world.Open("1000000", user: "ann");
        var kept = (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "m", new string('a', Large)))).Expect(200).Json.GetProperty("id").GetString();

        // Their heads are read and nothing else: each keeps its reply here until it is, or its client has gone.
        using var clients = new Slow(world, session);
        var most = (int)(Limits.ModelRequestBytesOfSession / Large);
        var heads = new List<HttpStatusCode>();
        for (var i = 0; i < most + 3; i++)
        {
            heads.Add(await clients.Read($"/openai/v1/responses/{kept}/input_items"));
        }

        Assert.Equal((most, 3), (heads.Count(head => head == HttpStatusCode.OK), heads.Count(head => head == HttpStatusCode.ServiceUnavailable)));
        clients.Dispose();
        for (var since = DateTime.UtcNow; ;)
        {
            using var again = new Slow(world, session);
            if (await again.Read($"/openai/v1/responses/{kept}") == HttpStatusCode.OK) break;

            Assert.True(DateTime.UtcNow - since < Hang.Timeout, "Their places were not given back.");
            await Task.Delay(100);
        }
    }

    /// <summary>Each wire counts in its own way, and the last of it comes behind the text.</summary>
    [Fact]
    public async Task A_reply_for_which_others_left_no_room_is_cut_off_and_costs_what_its_provider_counts()
    {
        var reply = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var full = new Full();
        await using var world = await ModelWorld.Start(new() { Choose = asked => full.Take(asked) ?? Reply.OfTokens(40_000) with { Delivery = new() { ChunkCharacters = 2_048, Until = reply.Task } } });
        await world.PutModel(Full.Model, "openai", maxPriceCents: "1000000");
        foreach (var wire in ModelWorld.Wires) await world.PutModel($"m-{wire}", wire, most: 100_000, maxPriceCents: "1000000");
        var session = await world.Open("1000000", user: "ann");
        var heads = await Task.WhenAll(ModelWorld.Wires.Select(wire => world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", $"m-{wire}", maxTokens: 50_000, stream: true))));

        for (var other = 0; other < 8; other++) // each leaves a third of what it found
        {
            var user = await world.Open("1000000", user: $"other-{other}");
            for (var size = Largest; size >= 16 * 1024; size /= 2) await full.Fill(world, user, size);
        }

        reply.SetResult();
        var told = await Task.WhenAll(heads.Select(head => ModelDoorClient.Read("chat", head)));
        full.Open();

        Assert.All(told, one => Assert.Contains("there is no room for more of it", one.Text, StringComparison.Ordinal));
        Assert.All(told, one => Assert.DoesNotContain("\"finish_reason\":\"stop\"", one.Text, StringComparison.Ordinal));
        var billed = 0L;
        foreach (var wire in ModelWorld.Wires) billed += ModelWorld.Cost((await world.Truth($"m-{wire}")).Counts);
        Assert.Equal(billed, await world.SpentInTheEnd(session));
        Assert.True(billed < told.Sum(static one => one.HeldMicros), "The holds were paid.");
    }

    [Fact]
    public async Task The_sessions_of_one_user_leave_room_for_the_calls_of_another()
    {
        using var full = new Full();
        await using var world = await ModelWorld.Start(new() { Choose = full.Take });
        await world.PutModel(Full.Model, "openai", maxPriceCents: "1000000");

        var taken = 0;
        for (var n = 0; n < 3; n++) taken += await full.Fill(world, await world.Open("1000000", user: "ann"), Largest);
        var others = await full.Fill(world, await world.Open("1000000", user: "bob"), Largest);

        Assert.InRange(taken, 1, (int)(Limits.ModelRequestBytesOfAll / 3 / Largest));
        Assert.InRange(others, 1, int.MaxValue);
    }

    [Fact]
    public void Places_of_calls_without_a_body_are_given_back_in_any_order()
    {
        var places = new CallPlaces();
        var owner = new PlaceOwner("t", "s", "s");
        var (empty, full, other) = (places.Begin(owner, 0)!, places.Begin(owner, 7)!, places.Begin(owner, 0)!);

        empty.Dispose();
        full.Dispose();
        other.Dispose();

        Assert.NotNull(places.Begin(owner, 7));
    }

    [Fact]
    public void A_place_that_grows_is_given_back_whole_and_grows_no_more_afterwards()
    {
        var places = new CallPlaces(calls: 2, callsOfAll: 4, bytesOfSession: 10, bytesOfTenant: 20, bytesOfAll: 40);
        var one = places.Begin(Of("s"), 4)!;

        Assert.False(one.Grow(7));
        Assert.True(one.Grow(6));
        Assert.Null(places.Begin(Of("s"), 1));
        one.Dispose();
        one.Dispose();
        Assert.False(one.Grow(1));
        Assert.NotNull(places.Begin(Of("s"), 10));
        Assert.NotNull(places.Begin(Of("other"), 10));
        Assert.Null(places.Begin(Of("third"), 0)); // two calls are open

        static PlaceOwner Of(string session) => new("t", session, session);
    }

    /// <summary>Calls of a model that does not answer: each keeps its place.</summary>
    private sealed class Full : IDisposable
    {
        public const string Model = "full";

        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim _asked = new(0);

        /// <returns>Null: another model is asked.</returns>
        public Reply? Take(Asked asked)
        {
            if (asked.Model != Model) return null;

            _asked.Release();
            return new() { Until = _open.Task };
        }

        /// <summary>Until there is no room.</summary>
        /// <returns>How many calls there was room for.</returns>
        public async Task<int> Fill(ModelWorld world, ModelSession session, int bytes)
        {
            for (var taken = 0; ; taken++)
            {
                using var refused = new CancellationTokenSource();
                var (call, asked) = (world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", Model, new string('a', bytes), maxTokens: 16)), _asked.WaitAsync(refused.Token));
                if (await Task.WhenAny(call, asked).WaitAsync(Hang.Timeout) == asked) continue;

                await refused.CancelAsync();
                (await call).Refused(503, "unavailable");
                return taken;
            }
        }

        public void Open() => _open.TrySetResult();

        public void Dispose()
        {
            Open();
            _asked.Dispose();
        }
    }

    /// <summary>Clients that read the head of a reply, and leave the rest where it is.</summary>
    private sealed class Slow(ModelWorld world, ModelSession session) : IDisposable
    {
        private readonly List<IDisposable> _open = [];

        public async Task<HttpStatusCode> Read(string path)
        {
            var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = Connect }) { BaseAddress = world.Api.Client.Address };
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", session.Token);
            var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            _open.AddRange([reply, http]);
            return reply.StatusCode;
        }

        /// <summary>What the kernel takes in on the way is not the server's any more, so it takes little.</summary>
        private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }

        public void Dispose()
        {
            _open.ForEach(one => one.Dispose());
            _open.Clear();
        }
    }
}
