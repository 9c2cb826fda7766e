using System.CommandLine;
using Agora.Cli.Calls;
using Agora.Cli.Profiles;

namespace Agora.Cli.Beginning;

/// <summary>agora quickstart: from an operator's key to the first run that a sponsor pays, a line a step.</summary>
internal static class QuickstartCommand
{
    private const string TextInput = """{"text":"Agora runs services. Sponsors pay for them.","sentences":1}""";

    public static Command Of(Terminal terminal)
    {
        var endpoint = new Option<string?>("--endpoint") { Description = "The URL of a service of yours, which is put as 'quickstart'; absent: one that is there." };
        var service = new Option<string?>("--service-id") { Description = "Which of those that are there; absent: text-summary, or the first." };
        var price = new Option<decimal>("--price-cents") { Description = "What a run of it costs.", DefaultValueFactory = _ => 2 };
        var input = new Option<string>("--input") { Description = "What the service is given, as JSON or @FILE.", DefaultValueFactory = _ => TextInput };
        var command = new Command("quickstart", "Put a service and a campaign that pays for it, let an agent act for a user, and make the first run.") { endpoint, service, price, input };
        command.SetAction(async (parsed, cancel) =>
        {
            var store = new ProfileStore(terminal);
            var profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(store.Effective(parsed.GetValue(CallOptions.Profile)));
            var first = new FirstRun(profile, terminal, cancel);
            var made = await first.Make(parsed.GetValue(endpoint), parsed.GetValue(service), parsed.GetValue(price), Given.Body(parsed.GetRequiredValue(input), terminal));
            store.Set("quickstart", new(profile.Server, null, made.AgentKey, made.Token));
            await terminal.Error.WriteLineAsync($"The agent's key and its session's token are in the profile 'quickstart'.\nOnce more: agora run-service {made.Service} --input '…' --profile quickstart");
            return ExitCodes.Done;
        });
        return command;
    }
}
