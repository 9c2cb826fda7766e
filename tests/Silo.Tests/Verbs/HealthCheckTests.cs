using Agora.Silo.Verbs;

namespace Agora.Silo.Tests.Verbs;

public sealed class HealthCheckTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/healthz")]
    [InlineData("http://[::]:8080", "http://[::1]:8080/healthz")]
    [InlineData("http://10.1.2.3:81/;https://10.1.2.3:82", "http://10.1.2.3:81/healthz")]
    [InlineData("https://agora.example", "https://agora.example/healthz")]
    public void The_first_address_is_asked_and_one_for_all_interfaces_becomes_the_loopback_one(string urls, string asked) =>
        Assert.Equal(asked, HealthCheck.Address(urls).ToString());
}
