using System.Diagnostics;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Tests.Kernel;

/// <summary>Every case of every decider's unions, found by reflection: a case that was forgotten somewhere fails here.</summary>
public sealed class UnionTests
{
    public static TheoryData<string> Kinds => [.. Manifest.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_event_has_a_stored_name_and_survives_it_with_its_personal_part_apart(string kind) => Manifest.Find(kind)!.Use(new EventsAreStored());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_command_has_a_stored_name_but_own_commands_have_none(string kind) => Manifest.Find(kind)!.Use(new CommandsAreNamed());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_case_is_switched_on(string kind) => Manifest.Find(kind)!.Use(new CasesAreSwitchedOn());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_stored_command_is_decided_whatever_it_carries_and_what_has_no_name_is_not(string kind) => Manifest.Find(kind)!.Use(new StoredCommandsAreDecided());

    [Fact]
    public void Every_question_to_a_node_is_heard_by_some_kind() => Assert.Equal(
        CasesOf<NodeCommand>().Concat(CasesOf<AccessCommand>()).Order(ByName),
        Manifest.Entities.SelectMany(entity => entity.Use(new StoredCommandsAreDecided())).Distinct().Order(ByName));

    private sealed class EventsAreStored : IEntityUse<bool>
    {
        public bool Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            Assert.Equal(CasesOf<TEvent>().Order(ByName), entity.Events.Cases.Order(ByName));
            Assert.All(CasesOf<TEvent>().SelectMany(Samples.Each), happened => Laws.Sealable(entity.Events, (TEvent)happened));
            Assert.All(CasesOf<TEvent>().SelectMany(Samples.Each), happened => Assert.Equal(Plain(happened), System.Text.Encoding.UTF8.GetString(entity.Events.Encode((TEvent)happened).Payload)));
            Assert.All(entity.Events.Names, n => Assert.Matches("^[a-z]+\\.[a-z0-9_]+$", n.Name));
            return true;
        }
    }

    private sealed class CommandsAreNamed : IEntityUse<bool>
    {
        public bool Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            Assert.Equal(CasesOf<TCommand>().Where(t => t.IsNestedPublic).Order(ByName), entity.Commands.Cases.Order(ByName));
            // What nodes are asked has other shapes (Nodes/NodeCodecTests.cs), and no kind is asked all of it.
            var samples = entity.Commands.Cases.SelectMany(Samples.Each).Where(command => Samples.Carried(command) is not NodeCommand).ToList();
            Assert.All(samples, command => Assert.Equal(Plain(command), System.Text.Encoding.UTF8.GetString(entity.Commands.Encode((TCommand)command).Payload)));
            Assert.All(samples, command => Laws.RoundTrips(entity.Commands, (TCommand)command));
            return true;
        }
    }

    // On an entity where nothing happened yet most samples make no sense; that they are known is all that is asked here.
    private sealed class CasesAreSwitchedOn : IEntityUse<bool>
    {
        public bool Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            var initial = entity.Initial(StreamId.Session("s1"));
            var context = new Context(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Guid.Empty);
            foreach (var command in CasesOf<TCommand>().SelectMany(Samples.Each).Where(c => Samples.Carried(c) is not (NodeCommand or NodeOutcome)).Cast<TCommand>())
            {
                Assert.IsNotType<UnreachableException>(Record.Exception(() => entity.Decide(initial, command, context)));
            }

            foreach (var happened in CasesOf<TEvent>().SelectMany(Samples.Each).Cast<TEvent>())
            {
                Assert.IsNotType<UnreachableException>(Record.Exception(() => entity.Evolve(initial, happened, context.Now)));
                Assert.Null(Record.Exception(() => entity.Recall(happened, Guid.Empty)));
            }
            return true;
        }
    }

    /// <summary>What an entity hears in words that several share has a stored name there, and only then is it decided. Gives the cases that are heard.</summary>
    private sealed class StoredCommandsAreDecided : IEntityUse<IReadOnlyList<Type>>
    {
        public IReadOnlyList<Type> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            var initial = entity.Initial(new(Tenant.Default.Name, entity.Kind, "e1"));
            var context = new Context(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Guid.Empty);
            var heard = new List<Type>();
            var names = CasesOf<TCommand>().Where(entity.Commands.Knows).SelectMany(Samples.Each).Where(c => Samples.Carried(c) is not (NodeCommand or AccessCommand))
                .Select(c => entity.Commands.Encode((TCommand)c).Name).ToHashSet(StringComparer.Ordinal);
            foreach (var asked in Asked())
            {
                if (entity.Hear(asked) is not { } command) continue;

                var thrown = Record.Exception(() => entity.Decide(initial, command, context));
                if (NameOf(entity.Commands, command) is { } name)
                {
                    Assert.IsNotType<UnreachableException>(thrown);
                    heard.Add(asked.GetType());
                    names.Add(name);
                }
                else if (asked is not NodeCommand.Reserve)
                {
                    Assert.IsType<UnreachableException>(thrown); // a Reserve with the terms of another kind is refused in other ways
                }
            }

            Assert.Equal(entity.Commands.Names.Select(n => n.Name).Distinct().Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
            return heard;
        }

        /// <summary>Each case; a Reserve with the terms of each kind.</summary>
        private static IEnumerable<object> Asked() =>
            CasesOf<NodeCommand>().Concat(CasesOf<AccessCommand>()).SelectMany(type => Samples.Of(type) is NodeCommand.Reserve reserve
                ? CasesOf<ReserveTerms>().Select(terms => (object)(reserve with { Terms = (ReserveTerms)Samples.Of(terms) }))
                : [Samples.Of(type)]);

        /// <summary>Null: it has none there.</summary>
        private static string? NameOf<TCommand>(UnionCodec<TCommand> codec, TCommand command)
            where TCommand : class
        {
            try
            {
                return codec.Encode(command).Name;
            }
            catch (Exception e) when (e is UndecodableException or InvalidCastException)
            {
                return null;
            }
        }
    }

    private static string Plain(object value)
    {
        var stored = Samples.Carried(value) ?? value;
        return System.Text.Json.JsonSerializer.Serialize(stored, stored.GetType(), StoredJson.Options);
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));

    private static IEnumerable<Type> CasesOf<TUnion>() =>
        typeof(TUnion).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(TUnion)) && !t.IsAbstract);
}
