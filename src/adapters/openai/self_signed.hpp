#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace holdfast::openai {

/// A certificate that is its own authority, in files that are gone with it. For tests.
class SelfSigned {
 public:
  /// `lasts_s`: from a minute ago until so many seconds from now; negative: it is over.
  explicit SelfSigned(const std::string& host = "localhost", long lasts_s = 3600) {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), lasts_s);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_EXTENSION* name = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + host).c_str());
    X509_add_ext(certificate, name, -1);
    X509_sign(certificate, key, EVP_sha256());
    write("cert.pem", [&](FILE* file) { PEM_write_X509(file, certificate); });
    write("key.pem", [&](FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_EXTENSION_free(name);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~SelfSigned() { std::filesystem::remove_all(folder_); }
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  [[nodiscard]] std::string authority() const { return file("cert.pem"); }
  [[nodiscard]] std::unique_ptr<boost::asio::ssl::context> server() const {
    auto tls = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
    tls->use_certificate_chain_file(file("cert.pem"));
    tls->use_private_key_file(file("key.pem"), boost::asio::ssl::context::pem);
    return tls;
  }

 private:
  static std::filesystem::path make_folder() {
    char name[] = "/tmp/hf-tls-XXXXXX";
    return ::mkdtemp(name);
  }
  template <class Write>
  void write(const std::string& name, Write write_to) {
    FILE* out = std::fopen(file(name).c_str(), "w");
    write_to(out);
    std::fclose(out);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_ = make_folder();
};

}  // namespace holdfast::openai
