using System.Net;

namespace Agora.Outbound.Tests;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("0.1.2.3", "unspecified")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("10.255.255.255", "private")]
    [InlineData("100.64.0.1", "carrier-grade NAT")]
    [InlineData("100.127.255.255", "carrier-grade NAT")]
    [InlineData("100.100.100.200", "metadata")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.254", "loopback")]
    [InlineData("168.63.129.16", "metadata")]
    [InlineData("169.254.0.1", "link-local")]
    [InlineData("169.254.169.254", "metadata")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.0.0.8", "protocol assignments")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("192.88.99.1", "6to4 relay")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("198.18.0.1", "benchmark")]
    [InlineData("198.19.255.255", "benchmark")]
    [InlineData("198.51.100.7", "documentation")]
    [InlineData("203.0.113.7", "documentation")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("239.255.255.255", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("::8.8.8.8", "IPv4-compatible")]
    [InlineData("::ffff:8.8.8.8", "IPv4-mapped")]
    [InlineData("::ffff:127.0.0.1", "IPv4-mapped")]
    [InlineData("::ffff:0:8.8.8.8", "IPv4-translated")]
    [InlineData("64:ff9b::7f00:1", "NAT64")]
    [InlineData("64:ff9b:1::a00:1", "NAT64")]
    [InlineData("100::1", "not global unicast")]
    [InlineData("2001::1", "Teredo")]
    [InlineData("2001:2::1", "protocol assignments")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("2002:7f00:1::1", "6to4")]
    [InlineData("3fff::1", "documentation")]
    [InlineData("5f00::1", "not global unicast")]
    [InlineData("fc00::1", "unique-local")]
    [InlineData("fd00:ec2::254", "metadata")]
    [InlineData("fd12:3456:789a::1", "unique-local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fe80::1%1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("fec0::1", "site-local")]
    [InlineData("ff02::1", "multicast")]
    public void A_special_address_is_refused_by_the_name_of_its_range(string address, string range) =>
        Assert.Equal(range, AddressGuard.RangeOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2001:200::1")]
    [InlineData("2003::1")]
    [InlineData("2606:4700:4700::1111")]
    public void A_public_address_next_to_a_special_range_is_let_through(string address) =>
        Assert.Null(AddressGuard.RangeOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8", 443, true, null)]
    [InlineData("8.8.8.8", 443, false, "not https")]
    [InlineData("10.1.2.3", 80, false, null)]
    [InlineData("10.1.2.3", 443, true, null)]
    [InlineData("10.2.0.1", 80, false, "private")]
    [InlineData("127.0.0.1", 8091, false, null)]
    [InlineData("127.0.0.1", 8092, false, "loopback")]
    [InlineData("127.0.0.2", 8091, false, "loopback")]
    [InlineData("::1", 8091, false, null)]
    [InlineData("::ffff:127.0.0.1", 8091, false, "IPv4-mapped")]
    public void The_allow_list_opens_its_own_addresses_and_ports_only(string address, int port, bool isTls, string? refusal)
    {
        var allowed = AllowList.Parse("10.1.0.0/16, 127.0.0.1:8091,[::1]:8091");

        Assert.Equal(refusal, AddressGuard.Refusal(IPAddress.Parse(address), port, isTls, allowed));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("localhost:8091")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:")]
    [InlineData("::1:8091")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("*")]
    public void An_allow_list_entry_of_no_known_form_is_named_in_a_FormatException(string entry) =>
        Assert.Contains($"'{entry}'", Assert.Throws<FormatException>(() => AllowList.Parse($"10.1.0.0/16,{entry}")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void An_empty_allow_list_allows_nothing_special(string? setting) =>
        Assert.Equal("private", AddressGuard.Refusal(IPAddress.Parse("10.0.0.1"), 443, true, AllowList.Parse(setting)));

    [Theory]
    [InlineData("http://127.0.0.1:9000/", null)]
    [InlineData("http://localhost:9000/", null)]
    [InlineData("http://[::1]:9000/", null)]
    [InlineData("http://10.0.0.1/", "private")]
    [InlineData("http://169.254.169.254/", "metadata")]
    [InlineData("http://[::ffff:127.0.0.1]/", "IPv4-mapped")]
    [InlineData("https://name.example/", null)] // judged when it is connected to
    public void With_loopback_an_endpoint_that_says_so_passes_and_no_other_inner_one(string endpoint, string? range) =>
        Assert.Equal(range, AddressGuard.Refusal(new Uri(endpoint), AllowList.Empty.WithLoopback()));

    [Fact]
    public void A_name_that_resolves_to_loopback_is_refused_with_loopback_too() =>
        Assert.Equal("loopback", AddressGuard.Refusal("name.example", IPAddress.Loopback, 9000, isTls: false, AllowList.Empty.WithLoopback()));

    [Fact]
    public void Without_loopback_an_endpoint_there_is_refused_by_its_spelling() =>
        Assert.Equal("loopback", AddressGuard.Refusal(new Uri("http://localhost:9000/"), AllowList.Empty));
}
