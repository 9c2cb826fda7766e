using System.Net;
using Agora.Web;

namespace Agora.Api.Tests.Http;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2::9", "2001:db8:1:2::")]
    [InlineData("fe80::1%2", "fe80::")]
    public void Addresses_of_one_IPv6_network_are_one_client(string address, string network) => Assert.Equal(IPAddress.Parse(network), ClientAddress.NetworkOf(IPAddress.Parse(address)));

    [Fact]
    public void Connections_without_an_address_are_one_client() => Assert.Equal(ClientAddress.NetworkOf(null), ClientAddress.NetworkOf(null));
}
