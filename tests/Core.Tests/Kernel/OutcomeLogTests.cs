using System.Collections.Immutable;
using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Kernel;

/// <summary>Whatever is added to whichever of its versions, each version goes on saying what it said.</summary>
public sealed class OutcomeLogTests
{
    private const int Ids = 8;

    /// <summary>One addition: to which of the versions so far (the newest is 0), of which id, decided how.</summary>
    public sealed record Addition(int Back, int Id, bool Posted);

    [Fact]
    public void Every_version_equals_an_immutable_map_of_its_own_whatever_branches_off() => Prop.ForAll(Additions(), additions =>
    {
        var versions = new List<(OutcomeLog Log, ImmutableDictionary<Guid, bool> Model)> { (OutcomeLog.Empty, ImmutableDictionary<Guid, bool>.Empty) };
        foreach (var addition in additions)
        {
            var (log, model) = versions[^(1 + (addition.Back % versions.Count))];
            versions.Add((log.With(IdOf(addition.Id), addition.Posted), model.SetItem(IdOf(addition.Id), addition.Posted)));
        }

        Assert.All(versions, v => Assert.Equal(
            Enumerable.Range(0, Ids).Select(n => v.Model.TryGetValue(IdOf(n), out var posted) ? posted : (bool?)null),
            Enumerable.Range(0, Ids).Select(n => v.Log.TryFind(IdOf(n), out var posted) ? posted : (bool?)null)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void The_empty_log_stays_empty_for_every_stream()
    {
        _ = OutcomeLog.Empty.With(IdOf(1), posted: true);
        Assert.False(OutcomeLog.Empty.TryFind(IdOf(1), out _));
        Assert.False(OutcomeLog.Empty.With(IdOf(2), posted: true).TryFind(IdOf(1), out _));
    }

    private static Guid IdOf(int n) => Core.Kernel.Ids.Derive(DateTimeOffset.UnixEpoch, Guid.Empty, n);

    // Mostly on from the newest, as streams do; now and then from one before it, as a state that was thrown away leaves it.
    private static Arbitrary<Addition[]> Additions() =>
        (from back in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(0, 5)))
         from id in Gen.Choose(0, Ids - 1)
         from posted in Gen.Elements(true, false)
         select new Addition(back, id, posted)).ArrayOf().ToArbitrary();
}
