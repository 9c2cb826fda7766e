using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Services;
using Agora.Core.Users;

namespace Agora.Simulation.Recordings;

/// <summary>
/// What one seed asks its deciders, and what they say, a line each, in order: which state, which command, when; the bytes of events, rows, answer and steps.
/// States, steps and what steps come to are named by number, so <see cref="Playback"/> can ask other deciders the same and compare each line.
/// </summary>
public sealed class Recording(Action<string> write)
{
    [ThreadStatic]
    private static Recording? _current;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = StoredJson.Resolver };
    private readonly ConditionalWeakTable<object, object> _states = [];
    private readonly ConditionalWeakTable<object, object> _own = [];
    private int _state;
    private int _step;
    private int _outcome;

    /// <summary>One seed runs on one thread; null: nothing is recorded.</summary>
    public static Recording? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>What came into being while this was recorded; whoever plays it back looks them up by number.</summary>
    public Action<int, object>? NewState { get; init; }

    public Action<int, Step>? NewStep { get; init; }

    public Action<int, object>? NewOwn { get; init; }

    public static string PathOf(string folder, int seed) => Path.Combine(folder, $"seed-{seed}.gz");

    public static T Write<T>(string folder, int seed, Func<T> run)
    {
        Directory.CreateDirectory(folder);
        using var lines = new StreamWriter(new GZipStream(File.Create(PathOf(folder, seed)), CompressionLevel.Fastest), new UTF8Encoding(false));
        try
        {
            Current = new(lines.WriteLine);
            return run();
        }
        finally
        {
            Current = null;
        }
    }

    public TState Came<TState>(string op, string kind, string from, TState state)
        where TState : class
    {
        Line(op, kind, from, State(state));
        return state;
    }

    public TState Evolved<TState>(string kind, TState before, object[] @event, DateTimeOffset at, Func<TState> evolve)
        where TState : class
    {
        var (number, what) = (State(before), Said(evolve, out var after));
        Line("evolve", kind, number, @event, at.UtcTicks, what ?? (object)State(after!));
        return after ?? throw new InvariantViolationException("recorded");
    }

    public Decision<TState, TEvent> Decided<TState, TEvent>(
        string kind, TState state, object command, Context context, UnionCodec<TEvent> events, Func<Decision<TState, TEvent>> decide)
        where TState : class
        where TEvent : class
    {
        var number = State(state);
        var thrown = Said(decide, out var decision);
        var watched = decision is null ? null : Steps<TState, TEvent>.With(decision, Numbered(kind, decision.Steps));
        Line(
            "decide", kind, number, Command(command), context.Now.UtcTicks, context.CommandId, context.Attempt,
            thrown ?? (object)new
            {
                events = watched!.Events.Select(e => Coded(events.Encode(e))),
                answer = watched.Answer is { } answer ? Wire.Of(answer) : null,
                later = watched.IsLater,
                settled = watched.LateAnswers.Select(s => new object[] { s.CommandId, Wire.Of(s.Answer) }),
                steps = watched.Steps.Select(Told),
                riding = watched.Riding.ToString(),
                query = watched.IsQuery,
                fixes = watched.FixesTime,
                soft = watched.Soft is { } soft ? State(soft) : 0,
            });
        return watched ?? throw new InvariantViolationException("recorded");
    }

    public IReadOnlyList<Step> Unfinished<TState>(string kind, TState state, DateTimeOffset now, IEnumerable<Step> steps)
        where TState : class
    {
        var numbered = Numbered(kind, [.. steps]);
        Line("unfinished", kind, State(state), now.UtcTicks, numbered.Select(Told));
        return numbered;
    }

    public void Rows<TState>(string kind, TState state, object[] @event, DateTimeOffset at, IEnumerable<Row> rows)
        where TState : class =>
        Line("rows", kind, State(state), @event, at.UtcTicks, rows.Select(row => new object[] { row.Table.Name, row.Values }));

    public void Due<TState>(string kind, TState state, DateTimeOffset? due, bool isUnfinished, string? personalKey)
        where TState : class => Line("due", kind, State(state), due?.UtcTicks ?? 0, isUnfinished, personalKey ?? "");

    public void Recalled(string kind, object[] @event, Guid commandId, LateAnswer? recalled) =>
        Line("recall", kind, @event, commandId, recalled is { } s ? new object[] { s.CommandId, Wire.Of(s.Answer) } : []);

    public void Saved<TState>(string kind, TState state, byte[] saved)
        where TState : class => Line("save", kind, State(state), Convert.ToHexStringLower(SHA256.HashData(saved)));

    /// <summary>As the stored names of its events begin.</summary>
    public static string Tag(Entity entity) => entity.CommandNames.Names.First().Name.Split('.')[0];

    public static object[] Coded(EncodedCase coded) =>
        [coded.Name, coded.Version, Encoding.UTF8.GetString(coded.Payload), coded.Personal is { } personal ? Encoding.UTF8.GetString(personal.Utf8.Span) : ""];

    // A command without a stored name is the entity's own: what a step came to.
    private object Command(object command) =>
        Wire.Knows(command) ? Wire.Of(command)
        : _own.TryGetValue(command, out var number) ? number
        : throw new InvalidOperationException($"Nobody has seen where this {command.GetType()} comes from.");

    private ImmutableArray<Step> Numbered(string kind, ImmutableArray<Step> steps) => [.. steps.Select(step =>
    {
        var number = ++_step;
        NewStep?.Invoke(number, step);
        return step with { Then = outcome => Then(kind, number, step, outcome) };
    })];

    public object? Then(string kind, int number, Step step, StepOutcome outcome)
    {
        var command = step.Then(outcome);
        var name = command is null ? 0 : ++_outcome;
        Line("then", kind, number, Outcomes.Of(outcome), command is null ? "" : Wire.Knows(command) ? Wire.Of(command) : "own", name);
        if (command is not null)
        {
            NewOwn?.Invoke(name, command);
            _own.AddOrUpdate(command, name);
        }

        return command;
    }

    private static object Told(Step step)
    {
        var (name, asked) = step.Target switch
        {
            StepTarget.Entity e => ("Entity", new object?[] { e.Stream.ToString(), Wire.Of(Manifest.Heard(e.Stream, e.Command)), e.Deadline?.Ticks }),
            StepTarget.Outside { Call: EachUser e } => ("EachUser", new object[] { e.AgentId, Wire.Of(e.Command) }),
            StepTarget.Outside { Call: ServiceCall c } => ("Call", new object[] { c with { Body = default }, Encoding.UTF8.GetString(c.Body.Span) }),
            StepTarget.Outside { Call: VerifyCall v } => ("Verify", v.Payment),
            StepTarget.Outside { Call: SettleCall s } => ("Settle", new object[] { s.Payment, s.AttemptedBefore }),
            StepTarget.Self => ("Self", (object)""),
            StepTarget.Later l => ("Later", l.Delay.Ticks),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return new object?[] { step.Phase.ToString(), step.Key, name, asked };
    }

    private int State(object state)
    {
        if (!_states.TryGetValue(state, out var number))
        {
            _states.Add(state, number = ++_state);
            NewState?.Invoke(_state, state);
        }

        return (int)number;
    }

    // An activation that has lost its place may find a contradiction; whoever decides instead has to find the same.
    private static string? Said<T>(Func<T> ask, out T? answer)
        where T : class
    {
        try
        {
            answer = ask();
            return null;
        }
        catch (InvariantViolationException broken)
        {
            answer = null;
            return broken.Message;
        }
    }

    private void Line(params object[] values) => write(JsonSerializer.Serialize(values, Compact));

    private static class Steps<TState, TEvent>
        where TState : class
        where TEvent : class
    {
        private static readonly System.Reflection.PropertyInfo Property = typeof(Decision<TState, TEvent>).GetProperty(nameof(Decision<,>.Steps))!;

        public static Decision<TState, TEvent> With(Decision<TState, TEvent> decision, ImmutableArray<Step> steps)
        {
            var copy = decision with { };
            Property.SetValue(copy, steps);
            return copy;
        }
    }
}
