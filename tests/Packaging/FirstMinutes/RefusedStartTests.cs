using System.Net;
using System.Net.Sockets;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>What keeps <c>./run</c> from starting is one line that names it, nothing on standard output, and an exit code other than 0; of a build that fails its errors too.</summary>
public sealed class RefusedStartTests
{
    private const string Missing = "The .NET SDK 10 is missing: install it from https://dot.net/download, or your system's package dotnet-sdk-10.0.";

    /// <summary>A machine that has the usual tools, and of .NET what the test puts there.</summary>
    private const string Bare = "mkdir tools; for tool in bash dirname grep sed; do ln -s \"$(command -v $tool)\" tools/; done;";

    [Theory]
    [InlineData("")]
    [InlineData("printf '#!/bin/sh\\necho \"9.0.301 [/usr/share/dotnet/sdk]\"\\n' > tools/dotnet; chmod +x tools/dotnet;")]
    [InlineData("printf '#!/bin/sh\\nexit 1\\n' > tools/dotnet; chmod +x tools/dotnet;")]
    public void Without_the_SDK_that_it_needs_it_says_where_to_get_it(string dotnet) =>
        Refused($"{Bare} {dotnet} PATH=$PWD/tools '{Repository.File("run")}'", Missing);

    [Theory]
    [InlineData("", "", "Building Agora for the first time")]
    [InlineData("mkdir -p $(dirname $SILO) && touch $SILO;", "quickstart", "Building the demo's parts besides")]
    public void A_build_that_fails_is_said_with_its_errors_and_what_was_to_be_built(string built, string verb, string said)
    {
        using var shell = new Shell();
        var (exitCode, output, errors) = shell.Paste($"""
            mkdir own && cp '{Repository.File("run")}' own/ && cd own && SILO=artifacts/bin/Silo/release/Agora.Silo.dll
            {built} printf '#!/bin/sh\n[ $1 != --list-sdks ] || exec echo 10.0.100\necho "a.cs(1,1): error CS1002: ; expected"; exit 1\n' > dotnet; chmod +x dotnet
            PATH=$PWD:$PATH ./run {verb}
            """);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(said, errors, StringComparison.Ordinal);
        Assert.EndsWith("a.cs(1,1): error CS1002: ; expected\nThe build failed.\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_it_does_not_know_is_named() => Refused("./run --dmeo", "'--dmeo' is not known; see ./run --help.");

    [Fact]
    public void A_verb_that_it_does_not_know_is_named() => Refused("./run quikstart", "'quikstart' is not known; see ./run --help.");

    [Fact]
    public void A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        Refused($"./run --urls http://{other.LocalEndpoint}", $"--urls / AGORA_URLS: http://{other.LocalEndpoint}: Address already in use.");
    }

    /// <summary>The web server takes the user name, and a colon without a port, for a part of the host, and listens on all interfaces for a host that it does not know.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:$NONE", "--urls / AGORA_URLS must have a port from 0 to 65535 after the colon: there is none.")]
    [InlineData("http://user:S3CRET@127.0.0.1:8080", "--urls / AGORA_URLS must have no user name and no password: write http://HOST:PORT.")]
    [InlineData("http://user:S3CRET@h:99999", "--urls / AGORA_URLS must have no user name and no password: write http://HOST:PORT.")]
    [InlineData("http://127.0.0.1:8080/path", "--urls / AGORA_URLS must have no path and no query: write http://HOST:PORT.")]
    public void An_address_that_the_web_server_reads_otherwise_is_refused_and_nothing_is_made(string url, string line) =>
        RefusedWithoutData($"timeout 20 ./run --urls {url}", line);

    [Theory]
    [InlineData("./run http://user:S3CRET@127.0.0.1:8080", "'http://…@127.0.0.1:8080' is not known; see ./run --help.")]
    [InlineData("AGORA_ADVERTISED_ADDRESS=http://user:S3CRET@h ./run", "AGORA_ADVERTISED_ADDRESS must be an IP address, or a name that can be resolved; 'http://…@h' is not.")]
    [InlineData("AGORA_OUTBOUND_ALLOW=http://user:S3/CRET@h ./run", "AGORA_OUTBOUND_ALLOW must be CIDRs or address:port, separated by commas: 'http://…@h' is neither ")]
    [InlineData("./agora doctor --server http://user:S3CRET@127.0.0.1:1", "The address of the server must have no user name and no password; ")]
    [InlineData("./agora list-users --server http://user:S3CRET@127.0.0.1:99999", "The address of the server must have no user name and no password; ")]
    public void No_refusal_repeats_user_information_of_an_address(string command, string line) =>
        Assert.DoesNotContain("CRET", Refused($"XDG_CONFIG_HOME=$PWD {command}", line), StringComparison.Ordinal);

    [Fact]
    public void An_address_of_metrics_that_an_address_of_the_API_is_too_is_named_and_nothing_is_made()
    {
        var url = Url();

        RefusedWithoutData($"AGORA_METRICS_URL={url} timeout 20 ./run --urls {url}", $"AGORA_METRICS_URL must have a port that no address of --urls / AGORA_URLS has; {new Uri(url).Port} is there.");
    }

    [Fact]
    public void A_port_of_metrics_that_is_taken_is_named_by_its_setting_and_nothing_is_made()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        RefusedWithoutData($"AGORA_METRICS_URL=http://{other.LocalEndpoint} timeout 20 ./run --urls {Url()}", $"AGORA_METRICS_URL: http://{other.LocalEndpoint}: Address already in use.");
    }

    [Theory]
    [InlineData("echo none > cert.pem; cp cert.pem key.pem")]
    [InlineData("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout other.pem -out cert.pem 2>/dev/null; openssl genrsa -out key.pem 2>/dev/null")]
    public void A_certificate_that_does_not_go_with_its_key_is_named_and_nothing_is_made(string make) =>
        RefusedWithoutData($"{make}; timeout 20 ./run --urls {Url().Replace("http:", "https:", StringComparison.Ordinal)} --tls-cert cert.pem --tls-key key.pem", "--tls-cert and --tls-key do not hold a PEM certificate and its key: ");

    /// <summary>agora-check.service has the settings of the server, and no certificate.</summary>
    [Fact]
    public void A_verb_that_serves_nothing_asks_for_nothing_that_only_serving_needs()
    {
        using var shell = new Shell();
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", Url()]);
        server.Kill(entireProcessTree: true);
        server.WaitForExit();
        server.Dispose();
        (string, string)[] settings = [("AGORA_URLS", "https://0.0.0.0:8443"), ("AGORA_METRICS_URL", "http://127.0.0.1:8443"), ("AGORA_CLUSTER_TLS_CERT", "/nowhere.pem")];

        foreach (var verb in (string[])["check", "verify-journal", "rebuild", "archive --older-than-days 1", "rotate-signing-key", "rotate-key night"])
        {
            var (exitCode, _, errors) = shell.Paste($"./run {verb}", settings);
            Assert.Equal((0, ""), (exitCode, errors));
        }

        Assert.Equal(1, shell.Paste("timeout 30 ./run healthcheck", settings).ExitCode);
        Assert.Equal(1, shell.Paste($"timeout 30 ./run check-service {Url()}", settings).ExitCode);
    }

    /// <summary>Four commands beside one server.</summary>
    [Fact]
    public void Data_that_a_server_uses_is_named_by_another_one_and_by_each_verb_with_what_to_do()
    {
        using var shell = new Shell();
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", Url()]);
        try
        {
            var inUse = $"The journal {shell.File("data/agora.db")} is in use by another process.";
            Refused(shell, $"./run --urls {Url()}", inUse);
            foreach (var verb in (string[])["rotate-signing-key", "rebuild", "archive --older-than-days 1"]) Refused(shell, $"./run {verb}", $"{inUse} Stop that server first.");
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    [Fact]
    public void A_key_that_is_made_or_replaced_says_that_it_works_from_a_restart_on()
    {
        using var shell = new Shell();
        Directory.CreateDirectory(shell.File("data"));
        var file = shell.File("data/night.access");

        Assert.Equal((0, $"The new key 'night' is in {file}. Restart the server now: the key works only then.\n", ""), shell.Paste("./run rotate-key night"));
        Assert.Equal((0, $"The new key 'night' is in {file}. Restart the server now: the new key works, and the old one stops, only then.\n", ""), shell.Paste("./run rotate-key night"));
    }

    /// <summary>The file has the new key and the server the old one: to make yet another would not help.</summary>
    [Fact]
    public void The_doctor_says_to_restart_a_server_that_refuses_a_key_of_its_directory()
    {
        using var shell = new Shell();
        var url = Url();
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", url]);
        try
        {
            var (_, said, _) = shell.Paste($"./run rotate-key admin >/dev/null; AGORA_ADMIN_KEY=$(cat data/admin.access) ./agora doctor --server {url} --data data");
            Assert.Contains($"fix: Restart the server: the key is in {Path.Combine("data", "admin.access")}, and a server reads its keys when it starts.", said, StringComparison.Ordinal);

            (_, said, _) = shell.Paste($"AGORA_ADMIN_KEY=$(cat data/admin.access) ./agora doctor --server {url}");
            Assert.Contains("If rotate-key made it, restart the server: the key works only then.", said, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    [Fact]
    public void A_data_directory_that_cannot_be_written_is_named() => Refused($"./run --data /proc/agora --urls {Url()}", "--data / AGORA_DATA: '/proc/agora' cannot be used: ");

    [Theory]
    [InlineData("AGORA_PLATFORM_KEYS=acme/main:KEY AGORA_GPT_KEYS=chat:KEY", "The keys of 'acme/main' and 'default/chat' are the same: each needs one of its own.")]
    [InlineData("AGORA_GPT_KEYS=chat", "AGORA_GPT_KEYS must be NAME:KEY or TENANT/NAME:KEY")]
    [InlineData("AGORA_GPT_RATE_PER_MINUTE=0", "AGORA_GPT_RATE_PER_MINUTE must be a whole number from 1 to 1000000.")]
    public void A_chats_key_that_is_anothers_too_or_none_at_all_is_named(string settings, string line) =>
        Refused($"{settings.Replace(":KEY", $":{Key}", StringComparison.Ordinal)} ./run --urls {Url()}", line);

    [Fact]
    public void A_database_that_is_not_reached_is_named_and_its_password_is_not()
    {
        var errors = Refused($"./run --postgres 'Host=127.0.0.1;Port=1;Database=agora;Username=agora;Password=hidden' --urls {Url()}", "The journal 127.0.0.1:1/agora cannot be opened: PostgreSQL: no connection: ");

        Assert.DoesNotContain("hidden", errors, StringComparison.Ordinal);
    }

    private const string Key = "one-key-of-the-tests-0123456789abcdef";

    private static string Url() => ServerProcess.FreeAddress().ToString().TrimEnd('/');

    private static string Refused(string command, string line)
    {
        using var shell = new Shell();
        return Refused(shell, command, line);
    }

    private static void RefusedWithoutData(string command, string line)
    {
        using var shell = new Shell();
        var errors = Refused(shell, command, line);

        Assert.DoesNotContain("S3CRET", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(shell.File("data")));
    }

    private static string Refused(Shell shell, string command, string line)
    {
        var (exitCode, output, errors) = shell.Paste(command);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(line, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
        return errors;
    }
}
