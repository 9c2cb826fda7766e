using System.Net;
using Agora.Api.Desk;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Desk;

public sealed class SignedInBeforeTests
{
    [Fact]
    public void A_name_that_signed_in_at_one_tenant_is_a_strangers_at_another()
    {
        var before = new SignedInBefore();
        before.Keep(new(Tenant.Default, "ann"), IPAddress.Loopback);
        var elsewhere = IPAddress.Parse("198.51.100.7");

        Assert.Equal(Acquaintance.Name, before.Of(new(Tenant.Default, "ann"), elsewhere));
        Assert.Equal(Acquaintance.None, before.Of(new(Tenant.Parse("second")!, "ann"), elsewhere));
    }
}
