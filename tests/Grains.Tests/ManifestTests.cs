using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Grains.Tests;

/// <summary>What cannot follow from the manifest, because engines and dashboards go by types, agrees with it.</summary>
public sealed class ManifestTests
{
    [Fact]
    public void Each_kind_of_entity_has_a_marker_and_no_other() => Assert.Equal(Manifest.Kinds.Order(StringComparer.Ordinal), Markers.Kinds.Order(StringComparer.Ordinal));

    [Fact]
    public void Each_marker_has_one_class_which_is_of_that_entity() => Assert.All(Manifest.Entities, entity =>
    {
        var grain = Assert.Single(typeof(EntityGrain).Assembly.GetTypes(), type => Markers.Of(entity.Kind).IsAssignableFrom(type));

        Assert.Equal(typeof(EntityGrain), grain.BaseType);
    });

    [Fact]
    public void Kinds_and_names_are_each_one_entitys_own()
    {
        Assert.Equal(Manifest.Kinds.Distinct(), Manifest.Kinds);
        Assert.All(Manifest.Entities.SelectMany(entity => entity.Tables).GroupBy(table => table.Name), same => Assert.Single(same.Distinct()));
        Assert.All(Manifest.Entities.SelectMany(NamesOf).GroupBy(name => name), same => Assert.Single(same));
        Assert.All(Manifest.Entities.SelectMany(entity => entity.Answers.Cases).GroupBy(type => type), same => Assert.Single(same));
    }

    private static IEnumerable<string> NamesOf(Entity entity) =>
        entity.Use(new EventNames()).Concat(entity.CommandNames.Names.Concat(entity.Answers.Names).Select(n => n.Name)).Distinct();

    private sealed class EventNames : IEntityUse<IEnumerable<string>>
    {
        public IEnumerable<string> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => entity.Events.Names.Select(n => n.Name);
    }

    [Fact]
    public void A_stream_of_no_entity_is_said_to_be_that() => Assert.Contains("unheard", Assert.Throws<InvalidDataException>(() => Manifest.Of(new("default", "unheard", "x"))).Message, StringComparison.Ordinal);
}
