using Agora.Contracts;
using Agora.Grains.Clocks;

namespace Agora.Api.Tests;

internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;

    /// <summary>Of all tenants that have no clock.</summary>
    public static TenantTimes Everywhere(DateTimeOffset now) => new(new Entities(null!), new FixedTime(now), alone: true);
}
