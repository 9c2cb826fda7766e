using System.Diagnostics;
using System.Reflection;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>Every case of every decider's unions, found by reflection: a case that was forgotten somewhere fails here.</summary>
public sealed class UnionTests
{
    public static TheoryData<Type> Deciders => [.. typeof(IDecider<,,>).Assembly.GetTypes().Where(t => Union(t) is not null)];

    [Theory]
    [MemberData(nameof(Deciders))]
    public void Every_event_has_a_stored_name_and_survives_it_with_its_personal_part_apart(Type decider) => Run(decider, nameof(EventsAreStored));

    [Theory]
    [MemberData(nameof(Deciders))]
    public void Every_command_has_a_stored_name_but_own_commands_have_none(Type decider) => Run(decider, nameof(CommandsAreNamed));

    [Theory]
    [MemberData(nameof(Deciders))]
    public void Every_case_is_switched_on(Type decider) => Run(decider, nameof(CasesAreSwitchedOn));

    private static void EventsAreStored<TDecider, TState, TCommand, TEvent>()
        where TDecider : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        Assert.Equal(CasesOf<TEvent>().Order(ByName), TDecider.Events.Cases.Order(ByName));
        Assert.All(CasesOf<TEvent>(), type => Laws.Sealable(TDecider.Events, (TEvent)Samples.Of(type)));
        Assert.All(CasesOf<TEvent>(), type => Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(Samples.Of(type), type, StoredJson.Options), System.Text.Encoding.UTF8.GetString(TDecider.Events.Encode((TEvent)Samples.Of(type)).Payload)));
        Assert.All(TDecider.Events.Names, n => Assert.Matches("^[a-z]+\\.[a-z0-9_]+$", n.Name));
    }

    private static void CommandsAreNamed<TDecider, TState, TCommand, TEvent>()
        where TDecider : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        Assert.Equal(CasesOf<TCommand>().Where(t => t.IsNestedPublic).Order(ByName), TDecider.Commands.Cases.Order(ByName));
        Assert.All(TDecider.Commands.Cases, type => Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(Samples.Of(type), type, StoredJson.Options), System.Text.Encoding.UTF8.GetString(TDecider.Commands.Encode((TCommand)Samples.Of(type)).Payload)));
        Assert.All(TDecider.Commands.Cases, type => Laws.RoundTrips(TDecider.Commands, (TCommand)Samples.Of(type)));
    }

    // On an entity where nothing happened yet most samples make no sense; that they are known is all that is asked here.
    private static void CasesAreSwitchedOn<TDecider, TState, TCommand, TEvent>()
        where TDecider : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var initial = TDecider.Initial(StreamId.Session("s1"));
        var context = new Context(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Guid.Empty);
        foreach (var command in CasesOf<TCommand>().Select(t => (TCommand)Samples.Of(t)))
        {
            Assert.IsNotType<UnreachableException>(Record.Exception(() => TDecider.Decide(initial, command, context)));
        }

        foreach (var happened in CasesOf<TEvent>().Select(t => (TEvent)Samples.Of(t)))
        {
            Assert.IsNotType<UnreachableException>(Record.Exception(() => TDecider.Evolve(initial, happened, context.Now)));
            Assert.Null(Record.Exception(() => TDecider.Recall(happened, Guid.Empty)));
        }
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));

    private static IEnumerable<Type> CasesOf<TUnion>() =>
        typeof(TUnion).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(t => t.IsSubclassOf(typeof(TUnion)) && !t.IsAbstract);

    private static Type? Union(Type type) =>
        type.IsAbstract ? null : type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDecider<,,>));

    private static void Run(Type decider, string check) =>
        typeof(UnionTests).GetMethod(check, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod([decider, .. Union(decider)!.GenericTypeArguments])
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
}
