using System.CommandLine;
using System.Text.Json;
using Agora.Cli.Calls;
using Agora.Cli.Output;

namespace Agora.Cli.Following;

/// <summary>
/// agora listen: what webhooks are told, sent to a receiver on this machine. The server never calls this machine: events are asked for, and signed here, so it works behind any firewall and leaves
/// nothing behind at the server.
/// </summary>
internal static class ListenCommand
{
    public static Command Of(Terminal terminal)
    {
        var options = new FollowOptions();
        var to = new Option<string?>("--forward-to") { Description = "The receiver's URL, such as http://127.0.0.1:9100/hook." };
        var secret = new Option<string?>("--secret") { Description = "What signs them, whsec_…, or @FILE; absent: a new one, which is printed." };
        var print = new Option<bool>("--print") { Description = "Print each event as it is sent." };
        var command = new Command("listen", "Send what happens to a webhook receiver on this machine, signed as a webhook is, and say what it answers.") { to, secret, print };
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancel) =>
        {
            var receiver = parsed.GetValue(to) is { } address ? Receiver.At(address, parsed.GetValue(secret)) : null;
            using var _ = receiver;
            if (receiver is null && !parsed.GetValue(print)) throw CliException.Wrong("Say --forward-to URL, --print, or both.");

            return await options.Follow(
                parsed,
                terminal,
                async profile => await terminal.Error.WriteLineAsync(receiver is null
                    ? $"Listening at {profile.Address}; Ctrl-C ends it."
                    : $"Listening at {profile.Address}, forwarding to {receiver.Address}\nThe secret is {receiver.Secret}\nCtrl-C ends it."),
                async (happened, over) =>
                {
                    var message = Message.Of(happened);
                    var answer = receiver is null ? null : await receiver.Send(message, over);
                    await terminal.Out.WriteLineAsync(parsed.GetValue(CallOptions.Json) ? message.Line(answer) : EventLine.Of(happened, terminal, answer is null ? null : $"{answer.Says,-4} "));
                    if (answer?.Failed is { } why)
                    {
                        await terminal.Error.WriteLineAsync($"{receiver!.Address}: {why}");
                    }

                    if (parsed.GetValue(print) && !parsed.GetValue(CallOptions.Json))
                    {
                        await terminal.Out.WriteLineAsync(Plain.Text(JsonSerializer.SerializeToElement(message.Body)));
                    }
                },
                cancel);
        });
        return command;
    }
}
