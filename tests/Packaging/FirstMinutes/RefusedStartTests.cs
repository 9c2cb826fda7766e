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
            mkdir own && cp '{Repository.File("run")}' own/ && cd own && SILO=artifacts/Embedded/bin/Silo/release/Agora.Silo.dll
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

    [Fact]
    public void Data_that_another_server_uses_is_named()
    {
        using var shell = new Shell();
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", Url()]);
        try
        {
            Refused(shell, $"./run --urls {Url()}", $"The journal {shell.File("data/agora.db")} is in use by another process.");
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    private const string Key = "one-key-of-the-tests-0123456789abcdef";

    private static string Url() => ServerProcess.FreeAddress().ToString().TrimEnd('/');

    private static string Refused(string command, string line)
    {
        using var shell = new Shell();
        return Refused(shell, command, line);
    }

    private static string Refused(Shell shell, string command, string line)
    {
        var (exitCode, output, errors) = shell.Paste(command);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(line, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
        return errors;
    }
}
