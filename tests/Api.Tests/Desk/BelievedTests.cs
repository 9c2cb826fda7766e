using Agora.Api.Desk;
using Agora.Testing;

namespace Agora.Api.Tests.Desk;

/// <summary>What a process remembers of sign-ins, people and links.</summary>
public sealed class BelievedTests
{
    private readonly SimTimeProvider _time = new();
    private readonly Believed<Read> _believed;

    public BelievedTests() => _believed = new(new(new Agora.Contracts.Entities(null!), _time, alone: true), _time);

    [Fact]
    public async Task What_was_read_of_a_name_in_one_tenant_says_nothing_of_the_same_name_in_another()
    {
        Assert.Equal("default", (await Of("default"))?.Tenant);

        Assert.Equal("second", (await Of("second"))?.Tenant);
        Assert.Equal("default", (await Of("default"))?.Tenant);
    }

    [Fact]
    public async Task A_name_that_is_forgotten_in_one_tenant_is_read_again_there_and_nowhere_else()
    {
        var (first, second) = (await Of("default"), await Of("second"));

        _believed.Forget("second", "ann");

        Assert.Same(first, await Of("default"));
        Assert.NotSame(second, await Of("second"));
    }

    private ValueTask<Read?> Of(string tenant) => _believed.Of(tenant, "ann", 1, static read => read.Generation, static tenant => Task.FromResult<Read?>(new Read(tenant.Name) { Generation = 1 }));

    private sealed class Read(string tenant)
    {
        public string Tenant => tenant;

        public long Generation { get; init; }
    }
}
