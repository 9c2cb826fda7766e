using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Recordings;

/// <summary>Asks today's deciders what a <see cref="Recording"/> asked those of its time, and compares each line, byte for byte.</summary>
public sealed class Playback
{
    private readonly Dictionary<int, object> _states = [];
    private readonly Dictionary<int, Step> _steps = [];
    private readonly Dictionary<int, object> _own = [];
    private readonly Dictionary<string, Player> _players = new(StringComparer.Ordinal);
    private string _line = "";

    private Playback()
    {
        Recording.Current = new(line => _line = line) { NewState = _states.Add, NewStep = _steps.Add, NewOwn = _own.Add };
    }

    /// <summary>Of all decisions of the seeds in a folder: how many there are, and the first few that differ.</summary>
    /// <returns>0: none differs.</returns>
    public static int Run(string folder, int threads, TextWriter output)
    {
        var (gate, lines, decisions, differences) = (new Lock(), 0L, 0L, 0L);
        Parallel.ForEach(Directory.GetFiles(folder, "seed-*.gz"), new ParallelOptions { MaxDegreeOfParallelism = threads }, file =>
        {
            var (ofThis, decided, different) = Play(file, output, gate);
            lock (gate)
            {
                (lines, decisions, differences) = (lines + ofThis, decisions + decided, differences + different);
            }
        });
        output.WriteLine($"{decisions} decisions, {lines} lines, {differences} differences");
        return differences == 0 ? 0 : 1;
    }

    private static (long Lines, long Decisions, long Different) Play(string file, TextWriter output, Lock gate)
    {
        const int Shown = 3;
        var playback = new Playback();
        LiveStates.Begin(isUnchecked: false);
        using var lines = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), Encoding.UTF8);
        var (read, decisions, different) = (0L, 0L, 0L);
        while (lines.ReadLine() is { } line)
        {
            (read, decisions) = (read + 1, line.StartsWith("[\"decide\"", StringComparison.Ordinal) ? decisions + 1 : decisions);
            if (playback.Again(line) is { } other && other != line && different++ < Shown)
            {
                lock (gate)
                {
                    output.WriteLine($"{Path.GetFileName(file)} line {read}\n  was {line}\n  is  {other}");
                }
            }
        }

        Recording.Current = null;
        return (read, decisions, different);
    }

    private string Again(string line)
    {
        using var document = JsonDocument.Parse(line);
        var told = document.RootElement;
        var kind = told[1].GetString()!;
        if (!_players.TryGetValue(kind, out var player))
        {
            _players.Add(kind, player = Player.Of(kind));
        }

        _line = "";
        try
        {
            Ask(player, told);
        }
        catch (InvariantViolationException) when (_line.Length > 0)
        {
            // Its line says so.
        }

        return _line;
    }

    private void Ask(Player player, JsonElement told)
    {
        switch (told[0].GetString())
        {
            case "initial":
                player.Initial(StreamId.Parse(told[2].GetString()!));
                break;
            case "restore":
                player.Restore(told[2].GetBytesFromBase64());
                break;
            case "evolve":
                player.Evolve(StateAt(2), told[3], At(4));
                break;
            case "decide":
                var command = told[3].ValueKind == JsonValueKind.Number ? _own[told[3].GetInt32()] : Wire.Read(told[3].GetString()!);
                player.Decide(StateAt(2), command, new(At(4), told[5].GetGuid(), told[6].GetGuid(), SystemTimeZones.Instance));
                break;
            case "unfinished":
                player.Unfinished(StateAt(2), At(3));
                break;
            case "then":
                var step = told[2].GetInt32();
                Recording.Current!.Then(told[1].GetString()!, step, _steps[step], Outcomes.Read(told[3]));
                break;
            case "rows":
                player.Rows(StateAt(2), told[3], At(4));
                break;
            case "due":
                player.Due(StateAt(2));
                break;
            case "recall":
                player.Recall(told[2], told[3].GetGuid());
                break;
            case "save":
                player.Save(StateAt(2));
                break;
            default:
                throw new InvalidDataException(told.GetRawText());
        }

        object StateAt(int place) => _states[told[place].GetInt32()];
        DateTimeOffset At(int place) => new(told[place].GetInt64(), TimeSpan.Zero);
    }
}

/// <summary>One entity, asked without its types.</summary>
public abstract class Player
{
    public static Player Of(string kind) => Watching.Of(Manifest.Entities.Single(entity => Recording.Tag(entity) == kind), new()).Use(new Creation());

    private sealed class Creation : IEntityUse<Player>
    {
        public Player Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Player<TState, TCommand, TEvent>(entity);
    }

    public abstract void Initial(StreamId stream);

    public abstract void Restore(byte[] saved);

    public abstract void Evolve(object state, JsonElement @event, DateTimeOffset at);

    public abstract void Decide(object state, object command, Context context);

    public abstract void Unfinished(object state, DateTimeOffset now);

    public abstract void Rows(object state, JsonElement @event, DateTimeOffset at);

    public abstract void Due(object state);

    public abstract void Recall(JsonElement @event, Guid commandId);

    public abstract void Save(object state);
}

public sealed class Player<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity) : Player
    where TState : class
    where TCommand : class
    where TEvent : class
{
    public override void Initial(StreamId stream) => entity.Initial(stream);

    public override void Restore(byte[] saved) => entity.Snapshots.Restore(saved);

    public override void Evolve(object state, JsonElement @event, DateTimeOffset at) => entity.Evolve((TState)state, Read(@event), at);

    public override void Decide(object state, object command, Context context) => entity.Decide((TState)state, (TCommand)command, context);

    public override void Unfinished(object state, DateTimeOffset now) => entity.Unfinished((TState)state, now);

    public override void Rows(object state, JsonElement @event, DateTimeOffset at) => entity.Rows((TState)state, Read(@event), at);

    public override void Due(object state) => entity.Due((TState)state);

    public override void Recall(JsonElement @event, Guid commandId) => entity.Recall(Read(@event), commandId);

    public override void Save(object state) => entity.Snapshots.Save((TState)state);

    private TEvent Read(JsonElement told) => entity.Events.Decode(
        told[0].GetString()!, told[1].GetInt32(), Encoding.UTF8.GetBytes(told[2].GetString()!), told[3].GetString() is { Length: > 0 } personal ? new(Encoding.UTF8.GetBytes(personal)) : null);
}
