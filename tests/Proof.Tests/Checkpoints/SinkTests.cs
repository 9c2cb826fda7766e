using Agora.Outbound;
using Agora.Proof.Checkpoints;

namespace Agora.Proof.Tests.Checkpoints;

public sealed class SinkTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-proof-").FullName;
    private readonly Bench _bench = new();

    private string File => Path.Combine(_directory, "chain.txt");

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_sink_that_is_set_later_is_told_every_checkpoint_from_the_first_once_each()
    {
        var tokens = await Checkpoints(3);
        await new CheckpointTeller(_bench.Journal, null).Tell(default);
        var teller = new CheckpointTeller(_bench.Journal, new CheckpointFile(File));
        await teller.Tell(default);
        await teller.Tell(default);
        tokens.AddRange(await Checkpoints(1));
        await new CheckpointTeller(_bench.Journal, new CheckpointFile(File)).Tell(default);
        Assert.Equal(tokens, await System.IO.File.ReadAllLinesAsync(File));
    }

    [Fact]
    public async Task What_was_written_but_not_marked_when_the_process_was_killed_stands_once_and_half_a_line_becomes_a_whole_one()
    {
        var tokens = await Checkpoints(3);
        var sink = new CheckpointFile(File);
        await sink.Take((await _bench.Journal.Checkpoints(0, 1, default))[0], default);
        await new CheckpointTeller(_bench.Journal, sink).Tell(default);
        Assert.Equal(tokens, await System.IO.File.ReadAllLinesAsync(File));

        await System.IO.File.WriteAllTextAsync(File, $"{tokens[0]}\n{tokens[1]}\n{tokens[2][..20]}");
        await sink.Take((await _bench.Journal.LastCheckpoint(default))!, default);
        Assert.Equal(tokens, await System.IO.File.ReadAllLinesAsync(File));
        await System.IO.File.WriteAllTextAsync(File, tokens[0][..20]);
        await sink.Take((await _bench.Journal.Checkpoints(0, 1, default))[0], default);
        Assert.Equal(tokens.Take(1), await System.IO.File.ReadAllLinesAsync(File));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_said_so_and_the_checkpoint_is_offered_again()
    {
        await Checkpoints(1);
        var missing = new CheckpointFile(Path.Combine(_directory, "none", "chain.txt"));
        await Assert.ThrowsAsync<CheckpointSinkException>(() => new CheckpointTeller(_bench.Journal, missing).Tell(default));
        Assert.Single(await _bench.Journal.UntoldCheckpoints(10, default));
    }

    [Fact]
    public async Task A_URL_is_posted_each_checkpoint_with_a_key_of_its_own_until_it_takes_it()
    {
        var tokens = await Checkpoints(2);
        var outbound = new PlayedOutbound(new OutboundResult.Succeeded(200, default, 1), new OutboundResult.Failed(OutboundFailure.BadStatus, 500, 3), new OutboundResult.Succeeded(204, default, 1));
        var teller = new CheckpointTeller(_bench.Journal, new CheckpointUrl(outbound, new Uri("https://witness.example/agora")));
        await Assert.ThrowsAsync<CheckpointSinkException>(() => teller.Tell(default));
        await teller.Tell(default);

        Assert.Equal(["checkpoint-1", "checkpoint-2", "checkpoint-2"], outbound.Calls.Select(c => c.IdempotencyKey));
        Assert.All(outbound.Calls, c => Assert.Equal("https://witness.example/agora", c.Endpoint.ToString()));
        Assert.Equal($$"""{"number":2,"checkpoint":"{{tokens[1]}}"}""", System.Text.Encoding.UTF8.GetString(outbound.Calls[2].Body!.Value.Span));
        Assert.Empty(await _bench.Journal.UntoldCheckpoints(10, default));
    }

    private async Task<List<string>> Checkpoints(int count)
    {
        await _bench.Keys.Load(mayMake: true, default);
        var tokens = new List<string>();
        for (var i = 0; i < count; i++)
        {
            await _bench.Append("s/1");
            tokens.Add((await _bench.Minute())!.Token);
        }

        return tokens;
    }

    private sealed class PlayedOutbound(params OutboundResult[] results) : IOutbound
    {
        public List<OutboundCall> Calls { get; } = [];

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            Calls.Add(call);
            return Task.FromResult(results[Calls.Count - 1]);
        }
    }
}
