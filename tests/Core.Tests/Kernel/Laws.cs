using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Core.Tests.Kernel;

/// <summary>The laws of every decider, as checks. Scenario applies them at each command; a property test may apply them to its own runs.</summary>
public static class Laws
{
    /// <summary>A decision is a function of its inputs, has an answer or says that one follows, and its command is written as it was read.</summary>
    public static Decision<TState, TEvent> Decides<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state, TCommand command, Context context)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var saved = Convert.ToHexString(entity.Snapshots.Save(state));
        var decision = entity.Decide(state, command, context);
        var again = entity.Decide(state, command, context);
        Assert.Equal(decision.Events.Select(e => Written(entity.Events, e)), again.Events.Select(e => Written(entity.Events, e)));
        Assert.Equal(Text(decision.Answer), Text(again.Answer));
        Assert.Equal(saved, Convert.ToHexString(entity.Snapshots.Save(state)));
        Assert.True(decision.Answer is null == decision.IsLater, "A decision answers now or says that it will.");
        Assert.False(decision.Answer is { Reply: not null, Rejection: not null }, "An answer is a reply or a rejection.");
        Assert.False(decision.IsQuery && !decision.Events.IsEmpty, "A query decides nothing.");

        if (entity.Commands.Knows(command.GetType()))
        {
            RoundTrips(entity.Commands, command);
        }

        if (entity.KeepsCause(command))
        {
            Sealable(entity.Commands, command);
        }

        return decision;
    }

    /// <summary>Written and read, a case is the same.</summary>
    public static void RoundTrips<TUnion>(UnionCodec<TUnion> codec, TUnion value)
        where TUnion : class
    {
        var encoded = codec.Encode(value);
        Assert.Equal(Written(codec, value), Written(codec, codec.Decode(encoded.Name, encoded.Version, encoded.Payload, encoded.Personal)));
    }

    /// <summary>What is journaled has its personal values beside the payload, and is readable without them.</summary>
    public static void Sealable<TUnion>(UnionCodec<TUnion> codec, TUnion value)
        where TUnion : class
    {
        RoundTrips(codec, value);
        var encoded = codec.Encode(value);
        var erased = codec.Encode(codec.Decode(encoded.Name, encoded.Version, encoded.Payload, null));
        Assert.Equal(Utf8(encoded.Payload), Utf8(erased.Payload));
        Assert.Null(erased.Personal);
        foreach (var personal in value.GetType().GetProperties().Where(p => p.PropertyType == typeof(Personal)).Select(p => (Personal?)p.GetValue(value)).OfType<Personal>())
        {
            Assert.Equal(Utf8(personal.Utf8), Utf8(encoded.Personal?.Utf8 ?? default));
            Assert.DoesNotContain(Convert.ToBase64String(personal.Utf8.Span), Utf8(encoded.Payload), StringComparison.Ordinal);
        }
    }

    /// <summary>The journal, read from its bytes, gives the live state; a snapshot gives it too; what is unfinished is said to be.</summary>
    public static void Replays<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, IEnumerable<(TEvent Event, DateTimeOffset At)> journal, TState live)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var replayed = entity.Initial(stream);
        var last = DateTimeOffset.MinValue;
        foreach (var (happened, at) in journal)
        {
            var encoded = entity.Events.Encode(happened);
            replayed = entity.Evolve(replayed, entity.Events.Decode(encoded.Name, encoded.Version, encoded.Payload, encoded.Personal), at);
            last = at;
        }

        entity.CheckInvariants(live, thorough: true);
        Assert.Equal(Whole(SoftFields.Without(live)), Whole(SoftFields.Without(replayed)));
        Assert.Equal(Utf8(entity.Snapshots.Save(SoftFields.Without(live))), Utf8(entity.Snapshots.Save(SoftFields.Without(replayed))));
        Assert.Equal(entity.Unfinished(live, last).Any(), entity.IsUnfinished(live));

        var restored = entity.Snapshots.Restore(entity.Snapshots.Save(live));
        entity.CheckInvariants(restored, thorough: true);
        Assert.Equal(Whole(SoftFields.Unsaved(live)), Whole(restored));
        Assert.Equal(Utf8(entity.Snapshots.Save(live)), Utf8(entity.Snapshots.Save(restored)));
    }

    /// <summary>What a command that changed something was answered is answered again from its events alone, so a repeat never reaches Decide.</summary>
    public static void Recalls<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, Decision<TState, TEvent> decision, TCommand command, Context context, Func<TCommand, Answer, bool>? anew = null)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var recalled = decision.Events.Select(e => entity.Recall(e, context.CommandId)).OfType<LateAnswer>().ToList();
        if (!decision.Events.IsEmpty && decision.Answer is { } answer && entity.Commands.Knows(command.GetType()) && anew?.Invoke(command, answer) != true)
        {
            var own = recalled.FirstOrDefault(s => s.IsOf(context.CommandId));
            Assert.True(own is not null, $"No event recalls the answer of {command.GetType().Name}.");
            Assert.Equal(Text(answer), Text(own.Answer));
        }

        if (decision.IsLater)
        {
            Assert.True(recalled.TrueForAll(s => !s.IsOf(context.CommandId)), $"{command.GetType().Name} is answered later, and a repeat of it at once.");
        }

        foreach (var late in decision.LateAnswers.Where(s => anew?.Invoke(command, s.Answer) != true))
        {
            Assert.Equal(Text(late.Answer), Text(recalled.FirstOrDefault(s => s.IsOf(late.CommandId))?.Answer));
        }
    }

    /// <summary>Rows have their key, and only what a table can hold.</summary>
    public static void Projects(IEnumerable<Row> rows)
    {
        foreach (var row in rows)
        {
            Assert.All(row.Values, v => Assert.True(v is null or string or long, $"{row.Table.Name} holds a {v?.GetType().Name}."));
            Assert.All(row.Values.Take(row.Table.KeyColumns), Assert.NotNull);
        }
    }

    public static string Text(Answer? answer) => answer switch
    {
        null => "(later)",
        { Rejection: { } rejection } => JsonSerializer.Serialize(rejection, StoredJson.Options),
        { Reply: RunView { Rate: not null } run } => Text(Answer.Of(run with { Rate = null, AboveMicros = null })), // soft: no journal knows of rates, nor of what was left above
        { Reply: { } reply } => $"{reply.GetType().Name} {JsonSerializer.Serialize(reply, reply.GetType(), StoredJson.Options)}",
        _ => "(nothing)",
    };

    /// <summary>A case as it is stored: the form in which two are compared, for records with lists do not compare by content.</summary>
    public static string Written<TUnion>(UnionCodec<TUnion> codec, TUnion value)
        where TUnion : class
    {
        var encoded = codec.Encode(value);
        return $"{encoded.Name} {encoded.Version} {Utf8(encoded.Payload)} {Utf8(encoded.Personal?.Utf8 ?? default)}";
    }

    /// <summary>
    /// All that a state holds, also what its Save left out by mistake; but for outcomes of holds, which stay out of snapshots by
    /// design, and what is only computed from the rest.
    /// </summary>
    private static string Whole<TState>(TState state) => JsonSerializer.Serialize(state, WholeJson);

    private static readonly JsonSerializerOptions WholeJson = new(StoredJson.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(static type =>
        {
            foreach (var property in type.Properties.Where(p => p.Set is null || p.PropertyType == typeof(ImmutableArray<OutcomeGeneration>)).ToList())
            {
                type.Properties.Remove(property);
            }
        }),
    };

    private static string Utf8(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
