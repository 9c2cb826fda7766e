using Agora.Application.Calls;

namespace Agora.Api.Tests.Http;

public sealed class FreshIdsTests
{
    private static readonly DateTimeOffset Noon = new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(345);

    [Fact]
    public void Thousands_of_ids_of_one_moment_are_all_different_and_have_time_version_and_variant_where_the_platforms_own_have_them()
    {
        var ids = Enumerable.Range(0, 5_000).Select(_ => FreshIds.Next(Noon)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        var like = $"{Guid.CreateVersion7(Noon)}"[..14];
        Assert.All(ids, id => Assert.Equal((like, 7), ($"{id}"[..14], id.Version)));
        Assert.All(ids, id => Assert.InRange(id.Variant, 8, 11));
        Assert.NotEqual(ids.Select(id => $"{id}"[24..]).Min(StringComparer.Ordinal)![0], ids.Select(id => $"{id}"[24..]).Max(StringComparer.Ordinal)![0]);
    }

    [Fact]
    public void Ids_that_several_threads_take_in_one_moment_are_all_different()
    {
        var taken = new Guid[4][];
        var threads = taken.Select((_, n) => new Thread(() => taken[n] = [.. Enumerable.Range(0, 1_000).Select(_ => FreshIds.Next(Noon))])).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(4_000, taken.SelectMany(ids => ids).Distinct().Count());
    }
}
