using Agora.Api.Desk;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Desk;

public sealed class SignInsTests
{
    /// <summary>Sign-ins at a test tenant are stored with the live one, since they outlive a reset.</summary>
    [Theory]
    [InlineData("default", "test")]
    [InlineData("default", "second")]
    public async Task Signing_out_everywhere_at_one_tenant_ends_no_sign_in_of_that_name_at_another(string stays, string ends)
    {
        await using var api = await RunningApi.Start();
        var signIns = (SignIns)api.Services.GetService(typeof(SignIns))!;
        var (here, there) = (NameOf(stays), NameOf(ends));
        var (generation, other) = (await signIns.Generation(here, "ann"), await signIns.Generation(there, "ann"));

        await signIns.EndAll(there, "ann");

        Assert.False(await signIns.Stands(there, "ann", other, "one"));
        Assert.True(await signIns.Stands(here, "ann", generation, "one"));

        static string NameOf(string tenant) => tenant == "test" ? Tenant.Default.Test.Name : tenant;
    }
}
