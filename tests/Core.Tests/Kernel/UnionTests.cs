using System.Diagnostics;
using System.Reflection;
using Agora.Core.Kernel;

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
            Assert.All(CasesOf<TEvent>(), type => Laws.Sealable(entity.Events, (TEvent)Samples.Of(type)));
            Assert.All(CasesOf<TEvent>(), type => Assert.Equal(
                System.Text.Json.JsonSerializer.Serialize(Samples.Of(type), type, StoredJson.Options), System.Text.Encoding.UTF8.GetString(entity.Events.Encode((TEvent)Samples.Of(type)).Payload)));
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
            Assert.All(entity.Commands.Cases, type => Assert.Equal(
                System.Text.Json.JsonSerializer.Serialize(Samples.Of(type), type, StoredJson.Options), System.Text.Encoding.UTF8.GetString(entity.Commands.Encode((TCommand)Samples.Of(type)).Payload)));
            Assert.All(entity.Commands.Cases, type => Laws.RoundTrips(entity.Commands, (TCommand)Samples.Of(type)));
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
            foreach (var command in CasesOf<TCommand>().Select(t => (TCommand)Samples.Of(t)))
            {
                Assert.IsNotType<UnreachableException>(Record.Exception(() => entity.Decide(initial, command, context)));
            }

            foreach (var happened in CasesOf<TEvent>().Select(t => (TEvent)Samples.Of(t)))
            {
                Assert.IsNotType<UnreachableException>(Record.Exception(() => entity.Evolve(initial, happened, context.Now)));
                Assert.Null(Record.Exception(() => entity.Recall(happened, Guid.Empty)));
            }
            return true;
        }
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));

    private static IEnumerable<Type> CasesOf<TUnion>() =>
        typeof(TUnion).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(t => t.IsSubclassOf(typeof(TUnion)) && !t.IsAbstract);
}
