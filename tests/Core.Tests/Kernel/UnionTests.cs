using System.Diagnostics;
using System.Reflection;
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

    private static string Plain(object value)
    {
        var stored = Samples.Carried(value) ?? value;
        return System.Text.Json.JsonSerializer.Serialize(stored, stored.GetType(), StoredJson.Options);
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));

    private static IEnumerable<Type> CasesOf<TUnion>() =>
        typeof(TUnion).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(t => t.IsSubclassOf(typeof(TUnion)) && !t.IsAbstract);
}
