using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Agora.Packaging;

public sealed partial class ComposeTests
{
    private static readonly string Base = Repository.Text("docker-compose.yml");
    private static readonly string Production = Repository.Text("docker-compose.prod.yml");

    private static JsonObject Services => Checks.Documents(Base)[0]["services"]!.AsObject();

    private static JsonObject Hardened => Checks.Documents(Production)[0]["services"]!.AsObject();

    [NodeFact]
    public void Both_files_are_as_the_Compose_specification_has_them()
    {
        Assert.Equal("", Checks.Of("compose", Base));
        Assert.Equal("", Checks.Of("compose", Production));
    }

    [NodeTheory]
    [InlineData("depends_on:", "depend_on:")]
    [InlineData("condition: service_healthy", "condition: healthy")]
    [InlineData("stop_grace_period: 45s", "stop_grace_period: 45q")]
    public void A_planted_fault_is_found(string right, string wrong)
    {
        Assert.Contains(right, Base, StringComparison.Ordinal);
        Assert.NotEqual("", Checks.Of("compose", Base.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [NodeFact]
    public void Every_setting_is_one_the_program_knows_and_every_secret_is_mounted_declared_and_made()
    {
        var declared = Checks.Documents(Base)[0]["secrets"]!.AsObject();
        foreach (var (name, service) in Ours(Services))
        {
            var settings = service["environment"]!.AsObject();
            Known.AreSettings(settings.Select(s => s.Key));
            var mounted = service["secrets"]!.AsArray().Select(s => $"/run/secrets/{s}").ToList();
            Assert.All(settings.Where(s => $"{s.Value}".StartsWith("/run/secrets/", StringComparison.Ordinal)), s => Assert.Contains($"{s.Value}", mounted));
            Assert.True(mounted.Count > 0, name);
        }

        using var made = new MadeSecrets();
        Assert.All(declared, d =>
        {
            Assert.Equal($"./secrets/{d.Key}", (string?)d.Value!["file"]);
            Assert.True(File.Exists(made[d.Key]), d.Key);
        });
        Assert.All(Services.SelectMany(s => s.Value!["secrets"]?.AsArray().Select(n => $"{n}") ?? []), n => Assert.True(declared.ContainsKey(n), n));
    }

    [NodeFact]
    public void Processes_of_ours_know_each_other_by_certificates_and_the_database_by_its_own()
    {
        using var made = new MadeSecrets();
        foreach (var (name, service) in Ours(Services))
        {
            var settings = service["environment"]!.AsObject();
            Assert.All(Known.ClusterTls, tls => Assert.StartsWith("/run/secrets/cluster_", (string?)settings[tls], StringComparison.Ordinal));
            Assert.Contains("postgres_ca", service["secrets"]!.AsArray().Select(s => $"{s}"));
            Assert.True(Known.Reads(made, settings.ToDictionary(s => s.Key, s => $"{s.Value}")).Cluster.Tls is not null, name);
        }

        Assert.Contains("Host=postgres;", File.ReadAllText(made["agora_postgres"]), StringComparison.Ordinal);
        Assert.EndsWith(";SSL Mode=VerifyFull;Root Certificate=/run/secrets/postgres_ca\n", File.ReadAllText(made["agora_postgres"]), StringComparison.Ordinal);
        foreach (var postgres in new[] { Services["postgres"]!, Hardened["postgres"]! })
        {
            var command = postgres["command"]!.AsArray().Select(a => $"{a}").ToList();
            Assert.All(["ssl=on", "ssl_cert_file=/run/secrets/postgres_cert", "ssl_key_file=/tmp/postgres.key"], set => Assert.Contains(set, command));
        }
    }

    [NodeFact]
    public void In_production_images_are_those_of_the_file_in_which_their_digests_are_set()
    {
        var named = Repository.Text("deploy/images.env").Split('\n').Where(l => l.Contains('=') && !l.StartsWith('#')).ToDictionary(l => l.Split('=', 2)[0], l => l.Split('=', 2)[1], StringComparer.Ordinal);
        foreach (var (name, service) in Hardened.Where(s => !$"{s.Value!["image"]}".StartsWith("agora:", StringComparison.Ordinal)))
        {
            var image = Services[name]!["image"]!.ToString();
            var variable = image[2..image.IndexOf(':', StringComparison.Ordinal)];
            Assert.StartsWith($"${{{variable}:?", (string?)service!["image"], StringComparison.Ordinal);
            Assert.StartsWith(image[(image.IndexOf(":-", StringComparison.Ordinal) + 2)..^1], named[variable], StringComparison.Ordinal);
        }

        var dockerfile = Repository.Text("Dockerfile");
        Assert.All(["SDK_IMAGE", "RUNTIME_IMAGE"], arg => Assert.Contains($"ARG {arg}={named[arg].Split('@')[0]}\n", dockerfile, StringComparison.Ordinal));
    }

    [NodeFact]
    public void There_are_three_silos_each_known_to_the_others_by_its_own_name_and_two_front_ends()
    {
        var silos = Services.Where(s => s.Key.StartsWith("silo-", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, silos.Count);
        Assert.All(silos, s => Assert.Equal(s.Key, (string?)s.Value!["environment"]!["AGORA_ADVERTISED_ADDRESS"]));
        Assert.Equal(2, (int)Services["api"]!["deploy"]!["replicas"]!);
        Assert.Equal("/app/front-end/Agora.FrontEnd.dll", (string?)Services["api"]!["entrypoint"]![1]);
    }

    [NodeFact]
    public void Balancer_and_Prometheus_ask_services_that_are_there_on_the_port_that_they_listen_on()
    {
        var nginx = Repository.Text("deploy/nginx/nginx.conf");
        Assert.Contains($"http://api:{Known.HttpPort};", Repository.Text("deploy/nginx/split/front-ends.conf"), StringComparison.Ordinal);
        var listens = Listen().Match(nginx).Groups[1].Value;
        Assert.EndsWith($":{listens}", (string?)Services["balancer"]!["ports"]![0], StringComparison.Ordinal);

        var jobs = Checks.Documents(Repository.Text("deploy/prometheus/prometheus.yml"))[0]["scrape_configs"]!.AsArray();
        var targets = jobs.SelectMany(j => j!["static_configs"]?[0]!["targets"]!.AsArray().Select(t => $"{t}") ?? j["dns_sd_configs"]![0]!["names"]!.AsArray().Select(n => $"{n}:{j["dns_sd_configs"]![0]!["port"]}"));
        Assert.Equal(Ours(Services).Select(s => $"{s.Name}:{Known.HttpPort}").Order(StringComparer.Ordinal), targets.Order(StringComparer.Ordinal));
    }

    [NodeFact]
    public void Front_ends_believe_the_balancers_network_and_no_other() =>
        Assert.Equal((string?)Checks.Documents(Base)[0]["networks"]!["edge"]!["ipam"]!["config"]![0]!["subnet"], (string?)Services["api"]!["environment"]!["AGORA_TRUSTED_PROXIES"]);

    [NodeFact]
    public void A_process_is_given_longer_to_stop_than_its_drain_takes() => Assert.All(Ours(Services), s =>
        Assert.True(int.Parse($"{s.Service["stop_grace_period"]}".TrimEnd('s'), CultureInfo.InvariantCulture) > Known.Drain.TotalSeconds, s.Name));

    [NodeFact]
    public void In_production_every_service_is_restarted_bounded_and_confined_and_its_log_rotates()
    {
        Assert.Equal(Services.Select(s => s.Key).Order(StringComparer.Ordinal), Hardened.Select(s => s.Key).Order(StringComparer.Ordinal));
        Assert.All(Hardened, s =>
        {
            var service = s.Value!;
            Assert.Equal("unless-stopped", (string?)service["restart"]);
            Assert.True((bool?)service["read_only"]);
            Assert.Equal("ALL", (string?)service["cap_drop"]![0]);
            Assert.Equal("no-new-privileges:true", (string?)service["security_opt"]![0]);
            Assert.NotNull(service["deploy"]!["resources"]!["limits"]!["memory"]);
            Assert.NotNull(service["logging"]!["options"]!["max-size"]);
            Assert.NotNull(service["logging"]!["options"]!["max-file"]);
        });
    }

    [NodeFact]
    public void In_production_WAL_is_archived_by_the_script_of_the_drill()
    {
        var postgres = Hardened["postgres"]!;
        Assert.Contains("archive_command=/backup/archive-wal /wal \"%p\" \"%f\"", postgres["command"]!.AsArray().Select(a => $"{a}"));
        Assert.Contains("./deploy/backup:/backup:ro", postgres["volumes"]!.AsArray().Select(v => $"{v}"));
        Assert.True(File.GetUnixFileMode(Repository.File("deploy/backup/archive-wal")).HasFlag(UnixFileMode.OtherExecute));
    }

    private static IEnumerable<(string Name, JsonObject Service)> Ours(JsonObject services) =>
        services.Where(s => $"{s.Value!["image"]}".StartsWith("agora:", StringComparison.Ordinal)).Select(s => (s.Key, s.Value!.AsObject()));

    [GeneratedRegex(@"listen (\d+);")]
    private static partial Regex Listen();
}
