using System.CommandLine;

namespace Agora.Cli.Profiles;

/// <summary>agora profile: which servers are known by which names.</summary>
internal static class ProfileCommand
{
    public static Command Of(Terminal terminal)
    {
        var store = new ProfileStore(terminal);
        return new("profile", "Servers and credentials by name; they are kept in a file that you alone can read.") { Set(store), Use(store), List(store, terminal), Remove(store) };
    }

    private static Command Set(ProfileStore store)
    {
        var name = Name();
        Option<string?> server = new("--server") { Description = "The server's address." }, admin = new("--admin-key") { Description = "An operator's key, or @FILE." }, agent = new("--agent-key") { Description = "An agent's key or the platform's, or @FILE." };
        Option<string?> token = new("--token") { Description = "A session's token, or @FILE." }, gpt = new("--gpt-key") { Description = "A chat's key, or @FILE." };
        var command = new Command("set", "Make a profile, or change what is said of it.") { name, server, admin, agent, token, gpt };
        command.SetAction(parsed => store.Set(parsed.GetRequiredValue(name), new(parsed.GetValue(server), parsed.GetValue(admin), parsed.GetValue(agent), parsed.GetValue(token), parsed.GetValue(gpt))));
        return command;
    }

    private static Command Use(ProfileStore store)
    {
        var name = Name();
        var command = new Command("use", "Call this one unless another is named.") { name };
        command.SetAction(parsed => store.Use(parsed.GetRequiredValue(name)));
        return command;
    }

    private static Command Remove(ProfileStore store)
    {
        var name = Name();
        var command = new Command("remove", "Forget a profile, and its keys.") { name };
        command.SetAction(parsed => store.Remove(parsed.GetRequiredValue(name)));
        return command;
    }

    private static Command List(ProfileStore store, Terminal terminal)
    {
        var command = new Command("list", "Which there are, without their keys.");
        command.SetAction(_ =>
        {
            foreach (var (name, profile) in store.All.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                var has = new[] { ("admin key", profile.AdminKey), ("agent key", profile.AgentKey), ("token", profile.Token), ("gpt key", profile.GptKey) }.Where(one => one.Item2 is not null).Select(one => one.Item1);
                terminal.Out.WriteLine($"{(name == store.InUse ? '*' : ' ')} {name}  {profile.Server ?? "no server"}  {string.Join(", ", has.DefaultIfEmpty("no credential"))}");
            }
        });
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The profile." };
}
