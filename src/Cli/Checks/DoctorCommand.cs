using System.CommandLine;
using Agora.Cli.Calls;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Checks;

/// <summary>agora doctor: checks what a call depends on, each thing after those that it needs, and says how to fix what is wrong.</summary>
internal static class DoctorCommand
{
    private const int Indent = 17;

    public static Command Of(Terminal terminal)
    {
        var data = new Option<string?>("--data") { Description = "The data directory, where the server runs on this machine: its room, its rights and its keys are looked at too." };
        var command = new Command("doctor", "Look at server, store, versions, clock, keys, services, models, payments, outbound calls, facilitator and disk, and say how to fix what is wrong.") { data };
        command.SetAction(async (parsed, cancel) =>
        {
            var profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(new ProfileStore(terminal).Effective(parsed.GetValue(CallOptions.Profile)));
            var findings = await new Examination(profile).All(parsed.GetValue(data), cancel);
            foreach (var finding in findings)
            {
                await terminal.Out.WriteLineAsync(Wrapped.Lines($"{Sign(finding.Verdict)} {finding.What,-11} {finding.Says}", Indent, terminal.Width));
                if (finding.Mend is not null)
                {
                    await terminal.Out.WriteLineAsync(Wrapped.Lines($"{new string(' ', Indent)}fix: {finding.Mend}", Indent + 5, terminal.Width));
                }
            }

            return findings.Any(finding => finding.Verdict == Verdict.Bad) ? ExitCodes.Unhealthy : ExitCodes.Done;
        });
        return command;
    }

    private static string Sign(Verdict verdict) => verdict switch { Verdict.Good => "ok  ", Verdict.Bad => "BAD ", Verdict.Off => "off ", _ => "?   " };
}
