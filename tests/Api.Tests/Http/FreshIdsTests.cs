using Agora.Api.Http;

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
}
